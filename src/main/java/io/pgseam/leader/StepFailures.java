package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.session.SqlErrors;
import java.sql.SQLException;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what follows on a step of the leader that failed: another attempt, or the end of the connector. */
final class StepFailures {

    private static final Logger LOG = LoggerFactory.getLogger(StepFailures.class);

    private final PgSeamSettings settings;
    private final Ledger ledger;
    private final TaskAssignments tasks;
    private final LeaderMetrics metrics;
    private final BlockedLook blocked;

    StepFailures(
            PgSeamSettings settings, Ledger ledger, TaskAssignments tasks, LeaderMetrics metrics, BlockedLook blocked) {
        this.settings = settings;
        this.ledger = ledger;
        this.tasks = tasks;
        this.metrics = metrics;
        this.blocked = blocked;
    }

    /**
     * Decides.
     *
     * @param streams whether the stream is at its work. It does without the leader, and a failure of the connector would end both: so the leader
     *     tries again whatever the server says (invariant I14)
     * @return when to try again
     * @throws ConnectException if a person has to act first
     */
    NextStep after(SQLException e, boolean streams) {
        String reason = SqlErrors.describe(e);
        tasks.inTrouble(reason);
        metrics.reachable(false);
        boolean permanent = SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT;
        if (permanent && streams) {
            LOG.warn(
                    "Connector {} keeps streaming, but cannot look after {}; retries in {} s: {}",
                    settings.connectorName(),
                    settings.connection().target(),
                    NextStep.AFTER_REFUSAL.pauseMs() / 1000,
                    reason);
            return NextStep.AFTER_REFUSAL;
        }
        if (permanent || (SqlErrors.isLoginRefused(e) && nothingIsCommitted())) {
            throw new ConnectException(
                    "Connector " + settings.connectorName() + " cannot go on with "
                            + settings.connection().target() + ", slot \""
                            + settings.replication().slotName() + "\": " + reason,
                    e);
        }
        if (SqlErrors.isLoginRefused(e)) {
            tasks.loginRefused(settings.connection().user(), reason);
            return NextStep.AFTER_REFUSAL;
        }
        blocked.failed(e);
        LOG.warn("Cannot query {}; retries: {}", settings.connection().target(), reason);
        return NextStep.AFTER_FAILURE;
    }

    /** Whether there is nothing that a failure would interrupt. */
    private boolean nothingIsCommitted() {
        return ledger.stream() == null
                && ledger.plan() == null
                && ledger.newestShares().isEmpty();
    }
}
