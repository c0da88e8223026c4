package io.pgseam.tool.command;

import io.pgseam.tool.state.ConnectorReport;
import io.pgseam.tool.state.ConnectorView;
import java.util.Optional;
import java.util.function.Predicate;

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
}
