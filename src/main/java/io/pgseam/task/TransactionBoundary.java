package io.pgseam.task;

import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;

/**
 * Ends Kafka transactions where the connector defines their boundaries ({@code transaction.boundary=connector} with
 * exactly-once support); elsewhere does nothing.
 *
 * <p>Connect keeps every record of an open transaction in memory until it commits, so transactions have to be small.
 */
public final class TransactionBoundary {

    private static final int MOST_RECORDS = 20_000;

    private final @Nullable TransactionContext context;
    private final long mostBytes;
    private long openRecords;
    private long openBytes;

    /**
     * @param context Connect's, or null where it defines the boundaries itself
     * @param mostBytes how many bytes of records a transaction may have before it is ended at the next batch
     */
    public TransactionBoundary(@Nullable TransactionContext context, long mostBytes) {
        this.context = context;
        this.mostBytes = mostBytes;
    }

    /** Counts a batch that is about to be given to Connect. */
    public void add(int records, long bytes) {
        openRecords += records;
        openBytes += bytes;
    }

    /** Whether the open transaction has grown as large as it may. */
    public boolean isLarge() {
        return openRecords >= MOST_RECORDS || openBytes >= mostBytes;
    }

    /** Whether anything was sent since the last commit. */
    public boolean isOpen() {
        return openRecords > 0;
    }

    /** Has the transaction committed after the batch that is about to be given to Connect, or after the one before. */
    public void commit() {
        openRecords = 0;
        openBytes = 0;
        if (context != null) {
            context.commitTransaction();
        }
    }
}
