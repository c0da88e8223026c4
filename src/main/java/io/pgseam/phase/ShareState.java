package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a copy task says of itself in the ledger: that copying at an anchor has begun, which snapshot it holds, and whether
 * the plan still fits.
 *
 * @param generation the anchor's number
 * @param anchorLsn the anchor's LSN
 * @param snapshot the id under which this task exported the anchor's snapshot again, for a leader that has to take it over
 * @param misfit why the plan no longer fits the source (a rewritten or dropped table), or null; the copy needs a new anchor
 */
public record ShareState(
        int generation,
        Lsn anchorLsn,
        String snapshot,
        @Nullable String misfit) {

    /** Whether this was said of the given anchor, and not of another one with the same number. */
    public boolean isOf(Anchor anchor) {
        return generation == anchor.generation() && anchorLsn.equals(anchor.lsn());
    }

    /** The source partition of what the copy task of this number says. */
    public static Map<String, Object> sourcePartition(String server, int task) {
        return LedgerMap.of("server", server, "task", (long) task);
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; null where there is none. */
    public static @Nullable ShareState fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null || !offset.containsKey("snapshot")) {
            return null;
        }
        OffsetFields fields = new OffsetFields(offset);
        return new ShareState(
                fields.integer("generation"),
                fields.lsn("anchor"),
                fields.text("snapshot"),
                fields.textOr("misfit", null));
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of(
                "generation",
                (long) generation,
                "anchor",
                anchorLsn.toString(),
                "snapshot",
                snapshot,
                "misfit",
                misfit);
    }
}
