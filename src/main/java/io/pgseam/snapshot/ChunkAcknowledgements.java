package io.pgseam.snapshot;

import io.pgseam.phase.OffsetRanges;

/**
 * Counts the rows of one chunk that Kafka has acknowledged, and notes where they stand.
 *
 * <p>Without exactly-once support the producer's thread acknowledges while the task's thread reads on, hence the locks.
 */
final class ChunkAcknowledgements {

    private final OffsetRanges ranges;
    private final long locatedBefore;
    private long sent;
    private long acknowledged;

    /**
     * @param earlier where the rows of an earlier reader of the chunk stand
     * @param locatedBefore how many those are
     */
    ChunkAcknowledgements(OffsetRanges.Snapshot earlier, long locatedBefore) {
        this.ranges = new OffsetRanges(earlier);
        this.locatedBefore = locatedBefore;
    }

    synchronized void sending(int rows) {
        sent += rows;
    }

    synchronized void acknowledge(String topic, int partition, long offset) {
        acknowledged++;
        ranges.add(topic, partition, offset);
    }

    /** It was too large, a transformation filtered it out, or an error policy skipped it: it needs no place in a topic. */
    synchronized void acknowledgeDropped() {
        acknowledged++;
    }

    synchronized boolean complete() {
        return acknowledged == sent;
    }

    /** How many rows of the chunk have their positions in the ranges, or need none. */
    synchronized long located() {
        return locatedBefore + acknowledged;
    }

    synchronized OffsetRanges.Snapshot ranges() {
        return ranges.snapshot();
    }
}
