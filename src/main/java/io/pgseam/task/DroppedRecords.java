package io.pgseam.task;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts records that Connect has dropped, and warns of them (invariant I10): with {@code errors.tolerance=all} those that a
 * converter, a transformation or the producer cannot take, and always those that a transformation filters out. Connect
 * acknowledges them without a position. Any thread.
 */
public final class DroppedRecords {

    private static final Logger LOG = LoggerFactory.getLogger(DroppedRecords.class);
    private static final long LOG_INTERVAL_MS = 60_000;

    private final Clock clock;
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    private static final class Count {
        private long records;
        private long lastLogMs = Long.MIN_VALUE;
    }

    /** @param clock for warnings, of which there is one a minute for each table */
    public DroppedRecords(Clock clock) {
        this.clock = clock;
    }

    /**
     * Connect has dropped a record.
     *
     * @param of what it was a record of, as a message begins: {@code Table public.orders}
     */
    public void count(String of) {
        Count count = counts.computeIfAbsent(of, unused -> new Count());
        synchronized (count) {
            count.records++;
            long now = clock.millis();
            if (count.lastLogMs == Long.MIN_VALUE || now - count.lastLogMs >= LOG_INTERVAL_MS) {
                count.lastLogMs = now;
                LOG.warn(
                        "{}: Connect has dropped {} records (errors.tolerance=all, or a transformation that filters). They are in"
                                + " no topic",
                        of,
                        count.records);
            }
        }
    }

    /** How many records were dropped. */
    public long total() {
        long total = 0;
        for (Count count : counts.values()) {
            synchronized (count) {
                total += count.records;
            }
        }
        return total;
    }
}
