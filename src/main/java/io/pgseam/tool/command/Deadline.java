package io.pgseam.tool.command;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.outcome.CommandFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long a command has waited, and may wait. */
final class Deadline {

    private static final long SHORTEST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 1_000;

    private final long begunNanos = System.nanoTime();
    private final @Nullable Duration timeout;

    /** @param timeout null if it may wait without end */
    Deadline(@Nullable Duration timeout) {
        this.timeout = timeout;
    }

    Duration waited() {
        return Duration.ofNanos(System.nanoTime() - begunNanos);
    }

    boolean isOver() {
        return timeout != null && waited().compareTo(timeout) >= 0;
    }

    /** For messages, once it is over. */
    String words() {
        return "not within " + limit();
    }

    /** How long it may wait, for messages; how long it has, if that has no end. */
    String limit() {
        return Figures.duration(timeout == null ? waited() : timeout);
    }

    /** Waits for the next look: the longer it has waited so far, the longer. */
    void pause() {
        long pauseMs = Math.max(SHORTEST_PAUSE_MS, Math.min(LONGEST_PAUSE_MS, waited().toMillis() / 4));
        try {
            Thread.sleep(pauseMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }
}
