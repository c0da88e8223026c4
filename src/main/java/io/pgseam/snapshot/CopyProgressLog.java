package io.pgseam.snapshot;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says every 10 s how a copy task gets on. */
final class CopyProgressLog {

    private static final Logger LOG = LoggerFactory.getLogger(CopyProgressLog.class);
    private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

    private final CopyAssignment assignment;
    private long lastLog = System.nanoTime();
    private long rows;
    private long bytes;

    CopyProgressLog(CopyAssignment assignment) {
        this.assignment = assignment;
    }

    void add(int moreRows, long moreBytes) {
        rows += moreRows;
        bytes += moreBytes;
    }

    void logNowAndThen() {
        long now = System.nanoTime();
        if (now - lastLog < INTERVAL_NANOS || rows == 0) {
            return;
        }
        double seconds = (now - lastLog) / 1e9;
        LOG.info(
                "Copy task {} of {} at {}: {} rows/s, {} MB/s",
                assignment.number(),
                assignment.tasks(),
                assignment.anchor(),
                Math.round(rows / seconds),
                String.format(Locale.ROOT, "%.1f", bytes / seconds / 1e6));
        lastLog = now;
        rows = 0;
        bytes = 0;
    }
}
