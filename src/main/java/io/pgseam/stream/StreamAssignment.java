package io.pgseam.stream;

import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.snapshot.CopyPlan;

/**
 * What a stream task is to do.
 *
 * @param goal how far it streams
 * @param anchor the anchor whose seam it stands at, or up to which it catches up
 * @param snapshot while catching up: the anchor's snapshot; else none
 * @param plan what is copied at the anchor: it streams nothing from there on before the ledger calls all of it done
 *     (invariant I2). Not looked at once the seam is passed
 */
public record StreamAssignment(Goal goal, Anchor anchor, AnchorSnapshot snapshot, CopyPlan plan) {

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
