package io.pgseam.task;

import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;

/**
 * Ends the Kafka transaction after each batch (invariant I15), if the connector defines the boundaries ({@code
 * transaction.boundary=connector} with exactly-once support). Otherwise Connect does so, and this does nothing.
 */
public final class TransactionBoundary {

    /**
     * Topics of one batch that Connect may have to create: it does so while the batch's transaction is open. With hundreds, that could take longer
     * than {@code transaction.timeout.ms}, and the task would fail.
     */
    public static final int MOST_NEW_TOPICS = 50;

    private final @Nullable TransactionContext context;

    /** @param context Connect's, or null if it defines the boundaries itself */
    public TransactionBoundary(@Nullable TransactionContext context) {
        this.context = context;
    }

    /** Commits the transaction after the batch that is about to be given to Connect. */
    public void commit() {
        if (context != null) {
            context.commitTransaction();
        }
    }
}
