package io.pgseam.phase;

import java.util.Map;

/**
 * In the ledger: the control topic says that changes of a table may be missing, because the publication was changed.
 *
 * @param generation the anchor at which the table is copied again
 */
public record RepublishedState(int generation) {

    /**
     * The source partition of a table's entry.
     *
     * @param server {@code topic.prefix}
     * @param tableOid the table's OID
     */
    public static Map<String, Object> sourcePartition(String server, long tableOid) {
        return LedgerMap.of("server", server, "republished_table", tableOid);
    }

    /** The source offset of the entry. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of("generation", (long) generation);
    }
}
