package io.pgseam.phase;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * In the ledger: changes of a table were not sent, because no record could be made of them. The table is copied again, or set aside.
 *
 * @param generation the newest anchor then: a copy that begins at a later one has what is missing
 */
public record MissedState(int generation) {

    private static final String FIELD = "generation";

    /**
     * The source partition of a table's entry.
     *
     * @param server {@code topic.prefix}
     * @param tableOid the OID by which changes name the table
     */
    public static Map<String, Object> sourcePartition(String server, long tableOid) {
        return LedgerMap.of("server", server, "missed_table", tableOid);
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; null if there is none. */
    public static @Nullable MissedState fromSourceOffset(@Nullable Map<String, ?> offset) {
        return offset == null ? null : new MissedState(new OffsetFields(offset).integer(FIELD));
    }

    /** The source offset of the entry. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of(FIELD, (long) generation);
    }
}
