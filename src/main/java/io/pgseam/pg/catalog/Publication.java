package io.pgseam.pg.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A publication of the source database.
 *
 * @param oid its OID
 * @param name its name, as stored
 * @param owned whether the role of the session may act as its owner
 * @param allTables whether it is FOR ALL TABLES
 * @param viaPartitionRoot whether it publishes partitions as rows of their partitioned table
 * @param insert whether it publishes inserts
 * @param update whether it publishes updates
 * @param delete whether it publishes deletes
 * @param truncate whether it publishes truncates
 * @param generatedColumns whether it publishes stored generated columns (18 and later)
 * @param markedSlot the slot that it was made for, where the connector made it; else null
 */
public record Publication(
        long oid,
        String name,
        boolean owned,
        boolean allTables,
        boolean viaPartitionRoot,
        boolean insert,
        boolean update,
        boolean delete,
        boolean truncate,
        boolean generatedColumns,
        @Nullable String markedSlot) {

    private static final String MARK = "pgseam: slot=";

    /** Whether the connector made it for this slot. */
    public boolean isMadeFor(String slot) {
        return slot.equals(markedSlot);
    }

    /** The comment that says which slot a publication was made for, and so, that the slot of that name is ours. */
    static String mark(String slot) {
        return MARK + slot;
    }

    /** The slot that a comment names, or null where it is no mark. */
    static @Nullable String slotOf(@Nullable String comment) {
        return comment != null && comment.startsWith(MARK) ? comment.substring(MARK.length()) : null;
    }
}
