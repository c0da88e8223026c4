package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger says of the copy at the newest anchor: all that a leader needs to continue the copy that another one has
 * begun, and to give the tasks the very configurations that they have.
 *
 * @param generation the anchor's number
 * @param anchorLsn the anchor's LSN
 * @param snapshot the anchor's snapshot as the tasks were given it
 * @param scope the settings that decide what is captured, as the plan was made by them
 * @param plan the plan, as text
 * @param earlierNames whether slot and publication have the default names of releases before 0.1, unless settings name them
 */
public record PlanState(
        int generation, Lsn anchorLsn, AnchorSnapshot snapshot, String scope, String plan, boolean earlierNames) {

    private static final String DEFAULT_NAMES = "default_names";
    private static final String NAMES_BY_DIGEST = "digest";

    /** The anchor at which the plan is copied. */
    public Anchor anchor() {
        return new Anchor(generation, anchorLsn);
    }

    /** The source partition of the newest plan. */
    public static Map<String, Object> sourcePartition(String server) {
        return LedgerMap.of("server", server, "plan", "newest");
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; null where there is none. */
    public static @Nullable PlanState fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null) {
            return null;
        }
        OffsetFields fields = new OffsetFields(offset);
        return new PlanState(
                fields.integer("generation"),
                fields.lsn("anchor"),
                new AnchorSnapshot(fields.text("snapshot"), fields.text("view"), fields.number("opened")),
                fields.text("scope"),
                fields.text("plan"),
                !NAMES_BY_DIGEST.equals(offset.get(DEFAULT_NAMES)));
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of(
                "generation",
                (long) generation,
                "anchor",
                anchorLsn.toString(),
                "snapshot",
                snapshot.id(),
                "view",
                snapshot.view(),
                "opened",
                snapshot.openedMs(),
                "scope",
                scope,
                "plan",
                plan,
                DEFAULT_NAMES,
                earlierNames ? "folded" : NAMES_BY_DIGEST);
    }
}
