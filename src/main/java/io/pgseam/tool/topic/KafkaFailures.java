package io.pgseam.tool.topic;

import io.pgseam.tool.outcome.CommandFailure;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TimeoutException;

/** Words for what Kafka's clients throw. */
public final class KafkaFailures {

    /** Waits for an answer in a minute; Kafka's own limits are in milliseconds. */
    public static final int TIMEOUT_MS = 15_000;

    private final String brokers;

    public KafkaFailures(Map<String, Object> clientProperties) {
        this.brokers = String.valueOf(clientProperties.get("bootstrap.servers"));
    }

    public CommandFailure of(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return new CommandFailure(
                    "Kafka at " + brokers + " does not answer: check --bootstrap-server, and the security settings in"
                            + " --command-config",
                    failure);
        }
        Throwable reason = failure;
        while (reason.getCause() instanceof KafkaException) {
            reason = reason.getCause();
        }
        return new CommandFailure("Kafka at " + brokers + ": " + reason.getMessage(), failure);
    }

    /**
     * Waits for a future of the Admin client.
     *
     * @throws CommandFailure if it fails
     */
    public <T> T settled(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        } catch (ExecutionException e) {
            throw of(e.getCause() == null ? e : e.getCause());
        }
    }
}
