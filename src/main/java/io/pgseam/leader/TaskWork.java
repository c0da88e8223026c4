package io.pgseam.leader;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.PlanState;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.StoredPlan;
import io.pgseam.stream.StreamAssignment;
import io.pgseam.stream.StreamAssignment.Goal;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tasks are to do in a phase. If this leader has a copy under way, its plan is that copy's; else it is the one in the ledger. The same work gives
 * the same configurations after the leader has moved, so that tasks continue undisturbed.
 */
final class TaskWork {

    private static final Logger LOG = LoggerFactory.getLogger(TaskWork.class);

    private final Map<String, String> connectorConfig;
    private final Ledger ledger;
    private final PlanReader plans;

    /** @param connectorConfig the connector's configuration, which tasks inherit */
    TaskWork(Map<String, String> connectorConfig, Ledger ledger, PlanReader plans) {
        this.connectorConfig = connectorConfig;
        this.ledger = ledger;
        this.plans = plans;
    }

    /** Rows are copied at an anchor, beside the stream if there are live topics. */
    TaskAssignments.Work copy(Anchor anchor, HeldAnchor copy) {
        int live = copy.plan().goingOn(anchor.generation()).size();
        if (live > 0) {
            LOG.info("{} topics are streamed beside the copy at {}, unless tasks.max is 1", live, anchor);
        }
        return maxTasks -> TaskConfigs.copy(connectorConfig, anchor, copy.snapshot(), copy.stored(), maxTasks);
    }

    /** What the stream has to do before rows are copied. */
    TaskAssignments.Work approach(HeldAnchor copy) {
        return stream(copy.approach(ledger), copy.stored());
    }

    /**
     * Changes are streamed after the copy of a generation.
     *
     * @param held the copy that this leader has under way; null if it has none
     * @param passedOver OIDs of tables whose changes are passed over
     */
    TaskAssignments.Work stream(int generation, @Nullable HeldAnchor held, Set<Long> passedOver) {
        PlanState state = held == null ? ledger.plan() : null;
        Anchor anchor = anchorOf(generation, held);
        StoredPlan plan = planOf(held);
        if (state != null && state.generation() == generation) {
            anchor = state.anchor();
            plan = StoredPlan.known(plans.read(state.plan()), state.plan());
        }
        return stream(new StreamAssignment(Goal.STREAM, anchor, AnchorSnapshot.NONE, plan.plan(), passedOver), plan);
    }

    /** Nothing is streamed: the copy of a generation was all. */
    TaskAssignments.Work end(int generation, @Nullable HeldAnchor held) {
        StoredPlan plan = planOf(held);
        return stream(
                new StreamAssignment(Goal.END, anchorOf(generation, held), AnchorSnapshot.NONE, plan.plan()), plan);
    }

    /** The plan that a newer anchor's follows. */
    CopyPlan earlierPlan(@Nullable HeldAnchor held) {
        PlanState state = held == null ? ledger.plan() : null;
        return (state == null ? planOf(held).plan() : plans.read(state.plan())).withMissed(ledger::missed);
    }

    private TaskAssignments.Work stream(StreamAssignment assignment, StoredPlan plan) {
        return maxTasks -> TaskConfigs.stream(connectorConfig, assignment, plan.text());
    }

    private static StoredPlan planOf(@Nullable HeldAnchor held) {
        return held == null ? StoredPlan.NOTHING : held.stored();
    }

    /** The anchor's LSN matters to the stream task only before the seam, and then the anchor is held. */
    private static Anchor anchorOf(int generation, @Nullable HeldAnchor held) {
        return held == null ? new Anchor(generation, Lsn.NONE) : held.anchor();
    }
}
