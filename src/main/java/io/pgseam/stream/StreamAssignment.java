package io.pgseam.stream;

import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.snapshot.CopyPlan;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * What a stream task is to do.
 *
 * @param goal how far it streams
 * @param anchor the anchor whose seam it stands at, or up to which it catches up
 * @param snapshot the anchor's, which the next leader has to find in the ledger; {@link AnchorSnapshot#NONE} where everything is
 *     copied
 * @param plan what is copied at the anchor: it streams nothing from there on before the ledger calls all of it done
 *     (invariant I2). Not looked at once the seam is passed
 * @param passedOver OIDs of tables that are to be added: their changes are passed over, and stay in the slot, for rows have to come first. So
 *     nothing is confirmed to the slot, unless the task only catches up with the anchor at which the tables are copied
 */
public record StreamAssignment(Goal goal, Anchor anchor, AnchorSnapshot snapshot, CopyPlan plan, Set<Long> passedOver) {

    /** What the session is for that reads a copy of the slot for the lagging topics. */
    static final String LAGGING_ROLE = "lagging";

    public StreamAssignment {
        passedOver = Set.copyOf(passedOver);
    }

    /** In short, for the log: a plan is long. */
    @Override
    public String toString() {
        String what = switch (goal) {
            case CATCH_UP -> "stream up to " + anchor;
            case BESIDE_COPY -> "stream into all topics but those that are copied at " + anchor;
            case STREAM -> "stream; the last copy was at " + anchor;
            case END -> "end; everything was copied at " + anchor;
        };
        return passedOver.isEmpty() ? what : what + "; " + passedOver.size() + " tables that are added have to wait";
    }

    /** One that passes over nothing. */
    public StreamAssignment(Goal goal, Anchor anchor, AnchorSnapshot snapshot, CopyPlan plan) {
        this(goal, anchor, snapshot, plan, Set.of());
    }

    /**
     * The snapshot in which values are looked up that a change leaves out; {@link AnchorSnapshot#NONE} where they are looked up as they
     * are by then. While catching up they must not be newer than the anchor, because rows of the same topics are copied at it.
     */
    AnchorSnapshot snapshotOfLookups() {
        return goal == Goal.CATCH_UP ? snapshot : AnchorSnapshot.NONE;
    }

    /**
     * What the session that reads the slot is for, as appended to its application name. By it, it can be seen on the server which tables
     * the stream passes over.
     *
     * @param passedOver OIDs of these tables
     */
    public static String sessionRole(Set<Long> passedOver) {
        if (passedOver.isEmpty()) {
            return "stream";
        }
        CRC32 digest = new CRC32();
        passedOver.stream().sorted().forEach(oid -> digest.update((oid + ",").getBytes(StandardCharsets.US_ASCII)));
        return String.format(Locale.ROOT, "stream -%08x", digest.getValue());
    }

    /** How far the stream goes. */
    public enum Goal {
        /** Up to the anchor's LSN, before anything is copied at that anchor. */
        CATCH_UP,
        /** Until the copy at the anchor is complete, and only in topics that no row is copied to. */
        BESIDE_COPY,
        /** For good. */
        STREAM,
        /** Not at all: it says that the copy is complete, and ends. */
        END
    }
}
