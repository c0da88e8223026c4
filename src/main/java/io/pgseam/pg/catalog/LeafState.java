package io.pgseam.pg.catalog;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What decides whether one relation with storage can be copied and streamed.
 *
 * @param tableOid the table that it was asked for: its partitioned table, or itself
 * @param oid its OID
 * @param id its name
 * @param kind what it is
 * @param permanent whether its changes are written to the WAL
 * @param schemaUsable whether the role has USAGE on its schema
 * @param readable whether the role has SELECT on all of it
 * @param unreadableColumns the columns that the role has no SELECT on; {@code ctid}, which the copy reads by, is one
 * @param rowSecurity whether policies hide rows from the role
 * @param identity what its updates and deletes say of the old row
 * @param tableIdentity the same of the table that it was asked for: PostgreSQL marks old rows by this one if it publishes
 *     partitions as rows of their table, but fills them by the partition's
 * @param publishedColumns how many columns are published
 * @param unpublished names of its columns that are not published: generated ones, and those that a column list lacks
 * @param columnList whether the publication has a column list for it
 * @param reserved its columns with one of the names that were asked for
 * @param children OIDs of the tables that inherit from it without being its partitions
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
        RowIdentity identity,
        RowIdentity tableIdentity,
        int publishedColumns,
        Set<String> unpublished,
        boolean columnList,
        Set<String> reserved,
        List<Long> children) {

    private static final int VERSION_THAT_REFUSES_GENERATED_IDENTITIES = 18;

    public LeafState {
        unreadableColumns = Set.copyOf(unreadableColumns);
        unpublished = Set.copyOf(unpublished);
        reserved = Set.copyOf(reserved);
        children = List.copyOf(children);
    }

    /** Whether it is a partition of the table that it was asked for, and not that table itself. */
    public boolean isPartition() {
        return oid != tableOid;
    }

    /** Whether its changes are in the WAL. */
    public boolean isLogged() {
        return permanent && kind == Relation.Kind.TABLE;
    }

    /** Whether PostgreSQL refuses UPDATE and DELETE on it once it is published with its updates and deletes. */
    public boolean refusesChanges(int serverVersion) {
        if (identity.columns().isEmpty()) {
            return true;
        }
        if (identity.kind() == ReplicaIdentity.FULL) {
            return columnList || (serverVersion >= VERSION_THAT_REFUSES_GENERATED_IDENTITIES && !unpublished.isEmpty());
        }
        return !unpublishedKey().isEmpty()
                && (columnList || serverVersion >= VERSION_THAT_REFUSES_GENERATED_IDENTITIES);
    }

    /** Columns of its replica identity whose old values are not sent, in the order of their names; none with FULL. */
    public Set<String> unpublishedKey() {
        Set<String> lacking = new TreeSet<>();
        if (identity.kind() != ReplicaIdentity.FULL) {
            lacking.addAll(identity.columns());
            lacking.retainAll(unpublished);
        }
        return lacking;
    }

    /** The columns that old rows tell. */
    public Set<String> toldColumns() {
        Set<String> told = new TreeSet<>(identity.columns());
        told.removeAll(unpublished);
        return told;
    }

    /** The columns that key its records, unless a setting names others; empty if its key is not published as a whole. */
    public Set<String> recordKey(boolean viaRoot) {
        RowIdentity of = viaRoot ? tableIdentity : identity;
        return of.usableKey().stream().anyMatch(unpublished::contains) ? Set.of() : of.usableKey();
    }

    /**
     * Whether what its updates and deletes tell of the old row is what they say that it is, and identifies the row: the whole
     * row if the table that it was asked for is FULL, else that table's key.
     */
    public boolean identifiesRowsOfTable() {
        if (tableIdentity.kind() == ReplicaIdentity.FULL) {
            return identity.kind() == ReplicaIdentity.FULL;
        }
        Set<String> key = recordKey(true);
        return !key.isEmpty() && toldColumns().containsAll(key);
    }
}
