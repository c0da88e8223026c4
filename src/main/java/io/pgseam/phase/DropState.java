package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Map;

/**
 * That the control topic says of a captured table that it was dropped, in the ledger. A table that is created again under the same
 * name has another OID, and so a state of its own.
 *
 * @param lsn where the server's WAL ended when the table was found to be gone
 */
public record DropState(Lsn lsn) {

    /**
     * The source partition of what is said of a table's end.
     *
     * @param server {@code topic.prefix}
     * @param tableOid the table's OID
     */
    public static Map<String, Object> sourcePartition(String server, long tableOid) {
        return LedgerMap.of("server", server, "dropped_table", tableOid);
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of("lsn", lsn.toString());
    }
}
