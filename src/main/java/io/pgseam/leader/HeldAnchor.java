package io.pgseam.leader;

import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.phase.Anchor;
import io.pgseam.snapshot.CopyPlan;
import org.jspecify.annotations.Nullable;

/**
 * An anchor that this leader opened or took over, and what is copied at it.
 *
 * @param anchor the anchor
 * @param holder the session that keeps its snapshot; null where everything is copied already, and nobody needs it
 * @param snapshot the id of the snapshot that the tasks are given: after the leader has moved that of the leader before, for
 *     Connect restarts tasks whose configuration changes
 * @param view what the snapshot shows
 * @param plan what is copied
 * @param watch how far the copy has come
 */
record HeldAnchor(
        Anchor anchor, @Nullable SnapshotHolder holder, String snapshot, String view, CopyPlan plan, CopyWatch watch) {

    /** The same copy, whose snapshot another session keeps. */
    HeldAnchor heldBy(SnapshotHolder newHolder) {
        return new HeldAnchor(anchor, newHolder, snapshot, view, plan, watch);
    }

    /** The same copy, which is complete, so that nobody needs its snapshot any more; that is released. */
    HeldAnchor released() {
        close();
        return new HeldAnchor(anchor, null, snapshot, view, plan, watch);
    }

    /** Whether the tasks are given the id under which this leader keeps the snapshot. */
    boolean isGivenToTasks() {
        return holder == null || holder.snapshot().equals(snapshot);
    }

    /** The same copy, whose tasks are given the id under which this leader keeps the snapshot. */
    HeldAnchor givenToTasks() {
        return new HeldAnchor(anchor, holder, holder == null ? snapshot : holder.snapshot(), view, plan, watch);
    }

    /** Releases the snapshot. */
    void close() {
        if (holder != null) {
            holder.close();
        }
    }
}
