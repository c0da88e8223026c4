package io.pgseam.snapshot;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Notices that nobody has come for work for a while, and does something about it: once each time, and never while somebody is at
 * work. Connect does not tell a task that it is paused, or that Kafka does not take its records.
 */
final class IdleWatch implements AutoCloseable {

    private final ReentrantLock work = new ReentrantLock();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "pgseam-idle-watch");
        thread.setDaemon(true);
        return thread;
    });
    private final ScheduledFuture<?> looks;
    private final long patienceNanos;
    private final Runnable action;
    private long ended = System.nanoTime();
    private boolean acted = true;

    /**
     * @param patience how long nobody may come
     * @param action what to do then, in a thread of its own
     */
    IdleWatch(Duration patience, Runnable action) {
        this.patienceNanos = patience.toNanos();
        this.action = action;
        long lookNanos = patienceNanos / 5;
        looks = clock.scheduleWithFixedDelay(this::look, lookNanos, lookNanos, TimeUnit.NANOSECONDS);
    }

    /** Somebody begins to work; waits for the action where that is under way. */
    void begin() {
        work.lock();
    }

    /** The work is done, for now. */
    void end() {
        ended = System.nanoTime();
        acted = false;
        work.unlock();
    }

    private void look() {
        if (!work.tryLock()) {
            return;
        }
        try {
            if (!acted && System.nanoTime() - ended >= patienceNanos) {
                acted = true;
                action.run();
            }
        } finally {
            work.unlock();
        }
    }

    @Override
    public void close() {
        looks.cancel(false);
        clock.shutdown();
    }
}
