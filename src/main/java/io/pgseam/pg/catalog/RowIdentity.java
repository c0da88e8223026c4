package io.pgseam.pg.catalog;

import io.pgseam.pg.ReplicaIdentity;
import java.util.Set;

/**
 * What the updates and deletes of a relation say of the old row.
 *
 * @param kind the relation's replica identity
 * @param index the state of the index that it needs: of the primary key, or of the index that REPLICA IDENTITY USING INDEX names
 * @param key names of the columns of that index's key; empty if there is no such index. INCLUDE columns are not among them
 * @param columns names of the columns whose old values are sent; empty if none are
 */
public record RowIdentity(ReplicaIdentity kind, KeyIndex index, Set<String> key, Set<String> columns) {

    /** The state of the index by which PostgreSQL identifies rows. */
    public enum KeyIndex {
        ABSENT,
        USABLE,
        /** Of a DEFERRABLE constraint: two rows can have the same key within a transaction. */
        DEFERRABLE,
        /** Not built completely, so that it need not be unique. */
        INVALID
    }

    public RowIdentity {
        key = Set.copyOf(key);
        columns = Set.copyOf(columns);
    }

    /** The columns that tell one row from every other; empty if no index sees to that. */
    public Set<String> usableKey() {
        return index == KeyIndex.USABLE ? key : Set.of();
    }
}
