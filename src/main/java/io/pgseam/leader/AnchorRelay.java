package io.pgseam.leader;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.Facts;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.ShareState;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.StoredPlan;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the copy that another leader has begun: the plan from the ledger, the snapshot from any living task. The tasks
 * notice nothing of it.
 */
final class AnchorRelay {

    private static final Logger LOG = LoggerFactory.getLogger(AnchorRelay.class);

    private final Sessions sessions;
    private final Ledger ledger;
    private final PlanReader plans;
    private final String scope;
    private final int mostTasks;
    private @Nullable Anchor lost;
    private @Nullable PlanState looked;
    private boolean besideStream;

    /**
     * @param scope the settings that decide what is captured
     * @param mostTasks {@code tasks.max}
     */
    AnchorRelay(Sessions sessions, Ledger ledger, PlanReader plans, String scope, int mostTasks) {
        this.plans = plans;
        this.mostTasks = mostTasks;
        this.sessions = sessions;
        this.ledger = ledger;
        this.scope = scope;
    }

    /** The copy that there is to take over; null where the ledger knows of none. */
    Facts.@Nullable Relay find() {
        PlanState state = ledger.plan();
        if (state == null) {
            return null;
        }
        if (!state.equals(looked)) {
            besideStream = !plans.read(state.plan()).goingOn().isEmpty();
            looked = state;
        }
        return new Facts.Relay(state.anchor(), fault(state), besideStream);
    }

    private @Nullable String fault(PlanState state) {
        Anchor anchor = state.anchor();
        if (anchor.equals(lost)) {
            return "no session holds the snapshot of " + anchor + " any more, and its copy is not complete";
        }
        return state.scope().equals(scope)
                ? null
                : "the settings that select what is captured are others than at " + anchor;
    }

    /** Takes the copy over; null where no session holds its snapshot any more, which {@link #find} then says. */
    @Nullable
    HeldAnchor takeOver() throws SQLException {
        PlanState state = ledger.plan();
        if (state == null) {
            throw new IllegalStateException("the ledger has no plan");
        }
        Anchor anchor = state.anchor();
        CopyPlan plan = plans.read(state.plan());
        CopyWatch watch = CopyWatch.of(anchor, plan, mostTasks);
        watch.look(ledger);
        HeldAnchor copy =
                new HeldAnchor(anchor, null, state.snapshot(), StoredPlan.known(plan, state.plan()), watch, false);
        // Who still catches up may have to look at the snapshot.
        if (watch.isComplete() && anchor.isReachedBy(ledger.stream())) {
            LOG.info("Taking over {}: everything is copied", anchor);
            return copy;
        }
        Optional<SnapshotHolder> holder = SnapshotHolder.takeOver(
                sessions, idsToldToTasks(copy), state.snapshot().view(), anchor.lsn());
        if (holder.isEmpty()) {
            lost = anchor;
            return null;
        }
        LOG.info("Took over {} with its snapshot: the copy continues", anchor);
        return copy.heldBy(holder.get());
    }

    /** Has another session keep the snapshot, when the one that kept it is lost; null where none is left that has it. */
    @Nullable
    HeldAnchor holdAgain(HeldAnchor copy) throws SQLException {
        return SnapshotHolder.takeOver(
                        sessions,
                        idsToldToTasks(copy),
                        copy.snapshot().view(),
                        copy.anchor().lsn())
                .map(copy::heldBy)
                .orElse(null);
    }

    /**
     * Whether a task that is started now finds the snapshot: under the id that the tasks were given, or under one that a task
     * has told the ledger.
     */
    boolean isFoundByTasks(HeldAnchor copy) throws SQLException {
        return SnapshotHolder.isAlive(
                sessions, idsToldToTasks(copy), copy.snapshot().view());
    }

    private Collection<String> idsToldToTasks(HeldAnchor copy) {
        Collection<String> ids = new LinkedHashSet<>();
        ids.add(copy.snapshot().id());
        for (ShareState share : ledger.newestShares()) {
            if (share.isOf(copy.anchor())) {
                ids.add(share.snapshot());
            }
        }
        return ids;
    }
}
