package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.state.ConnectorReport;
import io.pgseam.tool.state.ConnectorView;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Waits until the topics have everything up to a point. */
final class TopicsWait {

    /**
     * How a wait ended.
     *
     * @param report the last look
     * @param obstacle why the topics will not have it; empty if they do, or if the time was over
     * @param timedOut whether the time was over
     */
    record Outcome(ConnectorReport report, Optional<String> obstacle, boolean timedOut) {

        boolean reached() {
            return obstacle.isEmpty() && !timedOut;
        }
    }

    private TopicsWait() {}

    /**
     * Looks again and again.
     *
     * @param reached whether the topics have what is waited for
     * @param waiting runs before each pause
     */
    static Outcome await(ConnectorView view, Predicate<ConnectorReport> reached, Deadline deadline, Runnable waiting) {
        while (true) {
            ConnectorReport report = view.look();
            if (reached.test(report)) {
                return new Outcome(report, Optional.empty(), false);
            }
            Optional<String> obstacle = report.obstacle();
            if (obstacle.isPresent() || deadline.isOver()) {
                return new Outcome(report, obstacle, obstacle.isEmpty());
            }
            waiting.run();
            deadline.pause();
        }
    }

    /**
     * Waits until the topics have what a snapshot shows.
     *
     * @param lsn the snapshot's
     * @param timeout null for no limit
     * @throws CommandFailure if they will not have it, or not in time
     */
    static void await(
            PgSeamSettings settings,
            Map<String, Object> clients,
            Lsn lsn,
            @Nullable Duration timeout,
            ProgressLine progress) {
        Deadline deadline = new Deadline(timeout);
        progress.begin("waiting until the topics have everything that was committed before " + lsn, 1);
        try (ConnectorView view = ConnectorView.open(settings, clients, Optional.empty(), settings.connectorName())) {
            Outcome topics = await(view, report -> report.has(lsn), deadline, () -> progress.add(0));
            if (topics.timedOut()) {
                throw new CommandFailure("the topics do not have everything before " + lsn + " within "
                        + deadline.limit() + ": is the connector running?");
            }
            topics.obstacle().ifPresent(obstacle -> {
                throw new CommandFailure("the topics will not have everything before " + lsn + ": " + obstacle);
            });
        }
    }
}
