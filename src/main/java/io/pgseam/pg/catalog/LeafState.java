package io.pgseam.pg.catalog;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.Set;

/**
 * What stands in the way, or does not, of copying and streaming one relation that has storage.
 *
 * @param tableOid the table that it was asked for; its partitioned table, or itself
 * @param oid its OID
 * @param id its name
 * @param kind what it is
 * @param permanent whether it is written to the WAL
 * @param schemaUsable whether the role has USAGE on its schema
 * @param readable whether the role has SELECT on all of it
 * @param unreadableColumns the columns that the role has no SELECT on; {@code ctid}, which the copy reads by, is one
 * @param rowSecurity whether policies hide rows from the role
 * @param identity what its updates and deletes say of the old row
 * @param tableIdentity the same of the table that it was asked for: PostgreSQL marks old rows by this one where it publishes
 *     partitions as rows of their table, but fills them by the partition's
 * @param tableKey names of the columns of the key of the table that it was asked for; empty where that has none
 * @param identityColumns names of the columns that they say; empty where its updates and deletes would fail once published
 */
public record LeafState(
        long tableOid,
        long oid,
        TableId id,
        Relation.Kind kind,
        boolean permanent,
        boolean schemaUsable,
        boolean readable,
        Set<String> unreadableColumns,
        boolean rowSecurity,
        ReplicaIdentity identity,
        ReplicaIdentity tableIdentity,
        Set<String> tableKey,
        Set<String> identityColumns) {

    public LeafState {
        unreadableColumns = Set.copyOf(unreadableColumns);
        tableKey = Set.copyOf(tableKey);
        identityColumns = Set.copyOf(identityColumns);
    }

    /** Whether it is a partition of the table that it was asked for, and not that table itself. */
    public boolean isPartition() {
        return oid != tableOid;
    }

    /**
     * Whether what its updates and deletes tell of the old row is what they say that it is, and identifies the row: the whole
     * row where the table that it was asked for is FULL, else that table's key.
     */
    public boolean identifiesRowsOfTable() {
        if (tableIdentity == ReplicaIdentity.FULL) {
            return identity == ReplicaIdentity.FULL;
        }
        return !tableKey.isEmpty() && (identity == ReplicaIdentity.FULL || identityColumns.containsAll(tableKey));
    }
}
