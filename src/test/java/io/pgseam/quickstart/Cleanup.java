package io.pgseam.quickstart;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be undone at the end, the newest first, however the end comes: regularly, by a failure or by a signal. A step
 * that fails does not keep the others from being taken.
 */
final class Cleanup implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    /** A step; whatever it throws is logged. */
    @FunctionalInterface
    interface Step {
        void take() throws Exception;
    }

    private record Named(String name, Step step) {}

    private final Deque<Named> steps = new ArrayDeque<>();
    private boolean closed;

    /**
     * Remembers a step.
     *
     * @param name what it does, for the log
     * @throws IllegalStateException where the end has come already; the step is taken then
     */
    void add(String name, Step step) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                steps.push(new Named(name, step));
            }
        }
        if (late) {
            take(new Named(name, step));
            throw new IllegalStateException("ending");
        }
    }

    /** Takes all steps once; a second caller waits until they are taken. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            while (!steps.isEmpty()) {
                take(steps.pop());
            }
        }
    }

    private static void take(Named named) {
        try {
            LOG.info("Cleaning up: {}", named.name());
            named.step().take();
        } catch (Exception | Error e) {
            LOG.warn("Could not {}", named.name(), e);
        }
    }
}
