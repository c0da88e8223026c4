package io.pgseam.stream;

import io.pgseam.task.TransactionBoundary;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Queues the records of the stream for Connect's thread, in slabs: the changes of one transaction, or a part of a large one. Connect takes no
 * part of a transaction that fits into a batch, so a slab that waits for its transaction to end delays nothing. While the queue is full, the
 * session with the server is kept alive.
 *
 * <p>Used by the thread that reads the slot.
 */
final class QueueSink implements RecordSink {

    private static final long WAIT_MS = 1_000;

    /** About what a record takes besides key and value: itself, its offset, array headers (invariant I11). */
    private static final int RECORD_OVERHEAD_BYTES = 256;

    /** A slab is small beside a batch, which is cut between two of them. */
    private static final int MOST_RECORDS = 256;

    private static final long MOST_BYTES = 64 << 10;

    private final ChangeQueue queue;
    private final LookupReader.Progress progress;
    private final LongSupplier nanoTime;
    private final StreamMetrics metrics;
    private final int mostRecords;

    /** Topics that have records: Connect does not create them any more. */
    private final Set<String> topics = new HashSet<>();

    private List<SourceRecord> slab = new ArrayList<>();
    private long slabBytes;
    private int slabTopics;
    private long slabTimeMs;
    private boolean slabEndsTransaction;
    private long lastRecord;

    /**
     * @param progress is told each second while the queue is full
     * @param nanoTime a clock, in ns
     */
    QueueSink(ChangeQueue queue, LookupReader.Progress progress, LongSupplier nanoTime, StreamMetrics metrics) {
        this.metrics = metrics;
        this.queue = queue;
        this.progress = progress;
        this.nanoTime = nanoTime;
        this.mostRecords = Math.min(MOST_RECORDS, queue.mostRecords());
        this.lastRecord = nanoTime.getAsLong();
    }

    @Override
    public void accept(List<SourceRecord> change, long bytes) throws SQLException {
        long size = bytes + (long) change.size() * RECORD_OVERHEAD_BYTES;
        Set<String> newTopics = newTopics(change);
        // Before the change is taken: if the queue refuses, the change will be made again.
        if (slabEndsTransaction
                || slab.size() + change.size() > mostRecords
                || slabBytes + size > MOST_BYTES
                || slabTopics + newTopics.size() > TransactionBoundary.MOST_NEW_TOPICS) {
            flush();
        }
        if (slab.isEmpty()) {
            slabTimeMs = metrics.recordTimeMs();
        }
        slab.addAll(change);
        slabBytes += size;
        topics.addAll(newTopics);
        slabTopics += newTopics.size();
        if (slab.size() >= mostRecords
                || slabBytes >= MOST_BYTES
                || slabTopics >= TransactionBoundary.MOST_NEW_TOPICS) {
            // The next change may be long in coming. If there is no room now, there is when that change comes.
            offer(0);
        }
    }

    private Set<String> newTopics(List<SourceRecord> change) {
        Set<String> found = Set.of();
        for (SourceRecord record : change) {
            if (!topics.contains(record.topic())) {
                found = found.isEmpty() ? new HashSet<>() : found;
                found.add(record.topic());
            }
        }
        return found;
    }

    @Override
    public void endTransaction() throws SQLException {
        if (slab.isEmpty()) {
            queue.endTransaction();
        } else {
            slabEndsTransaction = true;
            flush();
        }
    }

    /** Queues the slab. If that fails, it is kept, and queued the next time. */
    @Override
    public void flush() throws SQLException {
        while (!slab.isEmpty() && !offer(WAIT_MS)) {
            progress.goesOn();
        }
    }

    private boolean offer(long timeoutMs) {
        lastRecord = nanoTime.getAsLong();
        try {
            if (!queue.offer(slab, slabBytes, slabTopics, slabTimeMs, slabEndsTransaction, timeoutMs)) {
                return false;
            }
        } catch (InterruptedException e) {
            throw new StoppedException();
        }
        metrics.records(slab.size(), lastRecord);
        slab = new ArrayList<>(slab.size());
        slabBytes = 0;
        slabTopics = 0;
        slabEndsTransaction = false;
        return true;
    }

    /** How long ago the last record was queued, in ns. */
    long quietNanos() {
        return nanoTime.getAsLong() - lastRecord;
    }
}
