package io.pgseam.stream;

import java.sql.SQLException;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;

/** Queues the records of the stream for Connect's thread. While the queue is full, it keeps the session with the server alive. */
final class QueueSink implements RecordSink {

    private static final long WAIT_MS = 1_000;

    /** About what a record takes besides key and value: itself, its offset, array headers (invariant I11). */
    private static final int RECORD_OVERHEAD_BYTES = 256;

    private final ChangeQueue queue;
    private final LookupReader.Progress progress;
    private final LongSupplier nanoTime;
    private final StreamMetrics metrics;
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
        this.lastRecord = nanoTime.getAsLong();
    }

    @Override
    public void accept(List<SourceRecord> change, long bytes) throws SQLException {
        lastRecord = nanoTime.getAsLong();
        metrics.records(change.size(), lastRecord);
        try {
            long size = bytes + (long) change.size() * RECORD_OVERHEAD_BYTES;
            long timeMs = metrics.recordTimeMs();
            while (!queue.offer(change, size, timeMs, WAIT_MS)) {
                progress.goesOn();
            }
        } catch (InterruptedException e) {
            throw new StoppedException();
        }
    }

    @Override
    public void endTransaction() {
        queue.endTransaction();
    }

    /** How long ago the last record came, in ns. */
    long quietNanos() {
        return nanoTime.getAsLong() - lastRecord;
    }
}
