package io.pgseam.snapshot;

import io.pgseam.metrics.Counter;
import io.pgseam.metrics.Metric;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.metrics.TableCounters;
import io.pgseam.pg.TableId;
import io.pgseam.task.DroppedRecords;

/** What can be seen of a copy task. Each number is written by one thread: Connect's, or the one that reads. */
public final class CopyMetrics {

    private final MetricRegistry registry;
    private final TableCounters tableRows;
    private final TableCounters tableBytes;
    private final Counter rows = new Counter();
    private final Counter bytes = new Counter();
    private final Counter chunks = new Counter();
    private final Counter lockWaits = new Counter();
    private final Counter earlyEnds = new Counter();

    /**
     * Shows what it knows.
     *
     * @param mostTables how many tables get counters of their own
     */
    public CopyMetrics(MetricRegistry registry, int mostTables) {
        this.registry = registry;
        tableRows = new TableCounters(registry, Metric.TABLE_COPIED_ROWS, mostTables);
        tableBytes = new TableCounters(registry, Metric.TABLE_COPIED_BYTES, mostTables);
        registry.register(Metric.COPIED_ROWS, rows::get);
        registry.register(Metric.COPIED_BYTES, bytes::get);
        registry.register(Metric.CHUNKS, chunks::get);
        registry.register(Metric.LOCK_WAITS, lockWaits::get);
        registry.register(Metric.EARLY_ENDS, earlyEnds::get);
    }

    /** Shows the queue to Connect, too. */
    void queue(ReadAhead queue, long capacityBytes) {
        registry.register(Metric.QUEUE_BYTES, queue::bytes);
        registry.register(Metric.QUEUE_CAPACITY, () -> capacityBytes);
    }

    /** Shows what Connect has dropped, too. */
    void dropped(DroppedRecords dropped) {
        registry.register(Metric.DROPPED_RECORDS, dropped::total);
    }

    /** Connect takes rows of a table, which the server sent as so many bytes of text. */
    void taken(TableId table, int moreRows, long moreBytes) {
        rows.add(moreRows);
        bytes.add(moreBytes);
        tableRows.of(table).add(moreRows);
        tableBytes.of(table).add(moreBytes);
    }

    /** So many chunks are complete. */
    void chunks(int more) {
        chunks.add(more);
    }

    /** A table was passed over for a moment, because another session holds a lock on it. */
    void lockWait() {
        lockWaits.add();
    }

    /** A COPY was ended early, because there was no room for its rows. */
    void earlyEnd() {
        earlyEnds.add();
    }
}
