package io.pgseam.phase;

import java.util.Map;

/**
 * In the ledger: the control topic says that a table was renamed.
 *
 * @param generation the first anchor with another plan for it
 */
public record RenamedState(int generation) {

    /**
     * The source partition of a table's entry.
     *
     * @param server {@code topic.prefix}
     * @param tableOid the table's OID
     */
    public static Map<String, Object> sourcePartition(String server, long tableOid) {
        return LedgerMap.of("server", server, "renamed_table", tableOid);
    }

    /** The source offset of the entry. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of("generation", (long) generation);
    }
}
