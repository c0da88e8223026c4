package io.pgseam.preflight;

import io.pgseam.config.Fault;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Whether Kafka transactions end with each batch (invariant I15). They do by Connect's default, and also if the connector defines the
 * boundaries.
 */
final class TransactionBoundaryCheck {

    static final String BOUNDARY = "transaction.boundary";

    private TransactionBoundaryCheck() {}

    static void check(Map<String, String> props, Consumer<Fault> faults) {
        if ("interval".equalsIgnoreCase(props.getOrDefault(BOUNDARY, "").trim())) {
            faults.accept(new Fault(
                    BOUNDARY,
                    BOUNDARY
                            + "=interval keeps a Kafka transaction open while nothing is sent. If the connector is paused, or"
                            + " the source is silent, for longer than transaction.timeout.ms, the transaction expires and the task"
                            + " fails. Remove the setting: by default each batch is one transaction (max.batch.size)"));
        }
    }
}
