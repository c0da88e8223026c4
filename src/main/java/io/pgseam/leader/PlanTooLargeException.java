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
        String excess = CopyPlanCodec.excess(plan);
        if (excess != null) {
            throw new PlanTooLargeException(excess);
        }
    }
}
