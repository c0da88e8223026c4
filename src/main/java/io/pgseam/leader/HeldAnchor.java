package io.pgseam.leader;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.StoredPlan;
import io.pgseam.stream.StreamAssignment;
import io.pgseam.stream.StreamAssignment.Goal;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An anchor that this leader opened or took over, and what is copied at it.
 *
 * @param anchor the anchor
 * @param holder the session that keeps its snapshot; null where everything is copied already, and it is not needed
 * @param snapshot the snapshot as the tasks are given it: after the leader has moved under the id of the leader before, for
 *     Connect restarts tasks whose configuration changes
 * @param stored what is copied
 * @param watch how far the copy has come
 * @param added whether it was opened while the stream was passing over the tables that are copied
 */
record HeldAnchor(
        Anchor anchor,
        @Nullable SnapshotHolder holder,
        AnchorSnapshot snapshot,
        StoredPlan stored,
        CopyWatch watch,
        boolean added) {

    /** What is copied. */
    CopyPlan plan() {
        return stored.plan();
    }

    /** The same copy, whose snapshot another session keeps. */
    HeldAnchor heldBy(SnapshotHolder newHolder) {
        return new HeldAnchor(anchor, newHolder, snapshot, stored, watch, added);
    }

    /** The same copy, which is complete, so that its snapshot is not needed any more, and is released. */
    HeldAnchor released() {
        close();
        return new HeldAnchor(anchor, null, snapshot, stored, watch, added);
    }

    /** Whether the tasks are given the id under which this leader keeps the snapshot. */
    boolean isGivenToTasks() {
        return holder == null || holder.snapshot().equals(snapshot.id());
    }

    /** The same copy, whose tasks are given the id under which this leader keeps the snapshot. */
    HeldAnchor givenToTasks() {
        return new HeldAnchor(
                anchor, holder, holder == null ? snapshot : snapshot.withId(holder.snapshot()), stored, watch, added);
    }

    /**
     * Why the anchor is to be given up by its age; null where it is not. An anchor at which nothing was finished is kept: others
     * would not get any further.
     *
     * @param clockMs the server's clock, in ms since the epoch
     * @param maxAgeMs {@code snapshot.anchor.max.age.ms}; 0 for no limit
     */
    @Nullable
    String tooOld(long clockMs, int maxAgeMs) {
        long ageMs = clockMs - snapshot.openedMs();
        if (maxAgeMs == 0 || ageMs < maxAgeMs || !watch.hasProgressed()) {
            return null;
        }
        return anchor + " is " + ageMs + " ms old (snapshot.anchor.max.age.ms is " + maxAgeMs
                + "): the source is to remove the WAL and the dead rows that it keeps for it";
    }

    /**
     * Why the anchor is given up.
     *
     * @param failure by which the session ended that held the snapshot; no other has it
     */
    String lost(SQLException failure) {
        return "the sessions that held the snapshot of " + anchor + " are lost"
                + (SqlErrors.isRecoveryConflict(failure)
                        ? ": the standby ended them, to replay that the primary removed rows or locked a table. Set"
                                + " hot_standby_feedback=on on the standby, and raise its max_standby_streaming_delay"
                        : "");
    }

    /** Releases the snapshot. */
    void close() {
        if (holder != null) {
            holder.close();
        }
    }

    /** What the stream has to do before rows are copied. */
    StreamAssignment approach(Ledger ledger) {
        return added
                ? new StreamAssignment(Goal.BESIDE_COPY, anchor, snapshot, plan())
                : new StreamAssignment(Goal.CATCH_UP, anchor, snapshot, plan(), neverStreamed(ledger));
    }

    /** New tables without a key, of which no change is in Kafka: none may come there before the copied rows. */
    private Set<Long> neverStreamed(Ledger ledger) {
        Set<Long> tables = new HashSet<>(plan().newTablesWithoutKey(anchor.generation()));
        tables.removeAll(ledger.shapes(tables).keySet());
        return tables;
    }
}
