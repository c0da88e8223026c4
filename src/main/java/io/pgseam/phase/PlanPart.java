package io.pgseam.phase;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parts of plans in the ledger: one entry each, known by the digest of its text. So plans that have a part in common share it, and what a digest
 * leads to is either that text or nothing.
 */
public final class PlanPart {

    private static final String TEXT = "text";
    private static final String INDEXES = "indexes";

    private PlanPart() {}

    /** The source partition of the part of this digest. */
    public static Map<String, Object> sourcePartition(String server, String digest) {
        return LedgerMap.of("server", server, "plan_part", digest);
    }

    /** The source offset that has a part's text. */
    public static Map<String, Object> toSourceOffset(String text) {
        return LedgerMap.of(TEXT, text);
    }

    /** The text of a part; null if the ledger does not have it. */
    public static @Nullable String textOf(@Nullable Map<String, ?> offset) {
        return offset == null ? null : new OffsetFields(offset).text(TEXT);
    }

    /** The source partition of the list of plans of which the ledger may have parts. */
    public static Map<String, Object> listPartition(String server) {
        return LedgerMap.of("server", server, "plan", "stored");
    }

    /** The source offset with that list: the digests of their indexes, separated by commas. */
    public static Map<String, Object> listOffset(String indexes) {
        return LedgerMap.of(INDEXES, indexes);
    }

    /** The list, as {@link #listOffset} wrote it; empty if there is none. */
    public static String listOf(@Nullable Map<String, ?> offset) {
        return offset == null ? "" : new OffsetFields(offset).text(INDEXES);
    }
}
