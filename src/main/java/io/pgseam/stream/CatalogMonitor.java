package io.pgseam.stream;

import io.pgseam.pg.session.SqlErrors;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks in a thread of its own for what the catalogue tells and no change does. A look may wait for a lock, and {@code poll()} must not.
 *
 * <p>What a look found is handed over as records between two batches of the stream. No look is made until these are taken, so that a
 * connector that is paused does not gather them.
 */
final class CatalogMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CatalogMonitor.class);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    /** Not often: servers lock a role out after too many attempts. */
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);

    private static final Duration LONGEST_STOP = Duration.ofSeconds(2);

    /** Something to look for. */
    @FunctionalInterface
    interface Look {
        /**
         * What was found since the last look; nothing if it is not yet time for one.
         *
         * @throws SQLException if the source does not answer; it is asked the next time
         */
        List<SourceRecord> look() throws SQLException;
    }

    private final BooleanSupplier active;
    private final List<Look> looks;
    private final Queue<SourceRecord> found = new ConcurrentLinkedQueue<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /** When the source may be asked again, as {@link System#nanoTime}. */
    private long mayAskAt = System.nanoTime();

    private CatalogMonitor(String slot, BooleanSupplier active, List<Look> looks) {
        this.active = active;
        this.looks = List.copyOf(looks);
        this.thread = new Thread(this::run, "pgseam-catalog-monitor " + slot);
        thread.setDaemon(true);
    }

    /**
     * Starts to look.
     *
     * @param slot the slot of the stream, for the name of the thread
     * @param active whether the source may still be asked
     */
    static CatalogMonitor start(String slot, BooleanSupplier active, List<Look> looks) {
        CatalogMonitor monitor = new CatalogMonitor(slot, active, looks);
        monitor.thread.start();
        return monitor;
    }

    /** The records of what was found since the last call. Does not wait. */
    List<SourceRecord> found() {
        List<SourceRecord> records = new ArrayList<>();
        for (SourceRecord next = found.poll(); next != null; next = found.poll()) {
            records.add(next);
        }
        return records;
    }

    private void run() {
        try {
            do {
                for (Look look : looks) {
                    if (found.isEmpty() && mayAsk()) {
                        found(look);
                    }
                }
            } while (!stopped.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean mayAsk() {
        return active.getAsBoolean() && stopped.getCount() > 0 && System.nanoTime() - mayAskAt >= 0;
    }

    private void found(Look look) {
        try {
            found.addAll(look.look());
        } catch (SQLException | RuntimeException e) {
            // The sessions of a task that stops are closed in the middle of a look. Whatever else fails, such as a look
            // at the ledger,
            // must not end all looks.
            if (stopped.getCount() > 0) {
                boolean refused = e instanceof SQLException failure && SqlErrors.isLoginRefused(failure);
                mayAskAt = System.nanoTime() + (refused ? AFTER_REFUSAL : AFTER_FAILURE).toNanos();
                LOG.warn(
                        "Cannot look into the catalogue beside the stream; retries: {}",
                        e instanceof SQLException failure ? SqlErrors.describe(failure) : e.toString());
            }
        }
    }

    /** Begins no look any more; one that is under way ends with its session. */
    void stop() {
        stopped.countDown();
    }

    /** Waits for the end of a look that is under way. */
    @Override
    public void close() {
        stop();
        try {
            thread.join(LONGEST_STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
