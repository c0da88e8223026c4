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

    /** Kafka has a row, whose hash is not known. */
    synchronized void acknowledge(String topic, int partition, long offset) {
        acknowledged++;
        ranges.add(topic, partition, offset);
    }

    /** Kafka has a row. */
    synchronized void acknowledge(String topic, int partition, long offset, long hash) {
        acknowledged++;
        ranges.add(topic, partition, offset, 1, hash);
    }

    /** The row is in no topic: it is too large, a transformation has dropped it, or an error policy has. */
    synchronized void acknowledgeLeftOut() {
        acknowledged++;
        ranges.addLeftOut();
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
