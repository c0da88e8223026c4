package io.pgseam.leader;

import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import org.apache.kafka.connect.errors.ConnectException;

/** A plan does not fit into a task's configuration: Connect would refuse it, and ask for it again and again. */
final class PlanTooLargeException extends ConnectException {

    private static final long serialVersionUID = 1L;

    private PlanTooLargeException(String message) {
        super(message);
    }

    /**
     * Makes sure that a plan fits.
     *
     * @throws PlanTooLargeException if it does not; the message says how much would
     */
    static void check(CopyPlan plan) {
        int length = CopyPlanCodec.encode(plan).length();
        if (length > CopyPlanCodec.MOST_LENGTH) {
            int tables = plan.relations().size();
            long fitting = (long) tables * CopyPlanCodec.MOST_LENGTH / length;
            throw new PlanTooLargeException(
                    "the plan of " + tables + " tables and partitions takes " + length / 1000
                            + " kB, and a task's configuration holds " + CopyPlanCodec.MOST_LENGTH / 1000
                            + " kB: about " + fitting
                            + " tables and partitions like these. Capture fewer (table.include.list), and the others with further connectors");
        }
    }
}
