package io.pgseam.snapshot;

import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.OffsetRanges;

/**
 * Counts the rows of one chunk that Kafka has acknowledged, and notes where they are.
 *
 * <p>Connect's producer thread acknowledges while the task's threads read and send on, hence the locks.
 */
final class ChunkAcknowledgements {

    private final OffsetRanges ranges;
    private final long locatedBefore;
    private long read;
    private long acknowledged;
    private boolean wholeChunk;

    /** @param earlier what the ledger says of the chunk */
    ChunkAcknowledgements(ChunkProgress earlier) {
        this.ranges = new OffsetRanges(earlier.ranges());
        this.locatedBefore = earlier.located();
    }

    /** So many rows more are going to be sent. */
    synchronized void read(int rows) {
        read += rows;
    }

    /** No more rows are going to be sent. */
    synchronized void wholeChunkIsRead() {
        wholeChunk = true;
    }

    /**
     * Kafka has so many rows in one record, whose hashes are not known.
     *
     * @return whether every row of the chunk is acknowledged
     */
    synchronized boolean acknowledgeUnhashed(String topic, int partition, long offset, int rows) {
        acknowledged += rows;
        ranges.addUnhashed(topic, partition, offset, rows);
        return complete();
    }

    /**
     * Kafka has so many rows in one record; {@code hash} is the sum of their hashes.
     *
     * @return whether every row of the chunk is acknowledged
     */
    synchronized boolean acknowledge(String topic, int partition, long offset, int rows, long hash) {
        acknowledged += rows;
        ranges.add(topic, partition, offset, rows, hash);
        return complete();
    }

    /**
     * So many rows are in no topic: they are too large, a transformation has dropped them, or an error policy has.
     *
     * @return whether every row of the chunk is acknowledged
     */
    synchronized boolean acknowledgeLeftOut(int rows) {
        acknowledged += rows;
        ranges.addLeftOut(rows);
        return complete();
    }

    /** Whether every row of the chunk is acknowledged. */
    synchronized boolean complete() {
        return wholeChunk && acknowledged == read;
    }

    /** The progress, with what is known of the rows that are acknowledged now. */
    synchronized ChunkProgress describe(ChunkProgress progress) {
        return progress.acknowledged(locatedBefore + acknowledged, ranges.snapshot());
    }
}
