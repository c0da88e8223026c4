package io.pgseam.testing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for a condition that another process or thread brings about, and says what was seen where it does not come. */
public final class Eventually {

    /** How long a test waits unless it says otherwise. */
    public static final Duration TIMEOUT = Duration.ofSeconds(90);

    private static final long FIRST_PAUSE_MS = 5;
    private static final long LONGEST_PAUSE_MS = 200;

    private Eventually() {}

    /** A condition; an exception from it counts as "not yet", and is the cause of the failure if time runs out. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * Waits until a condition holds, as long as any of them may take on a busy machine.
     *
     * @param description what is waited for, as a sentence without its full stop
     * @throws AssertionError if it does not hold in time
     */
    public static void holds(String description, Condition condition) {
        holds(description, TIMEOUT, condition);
    }

    /** As {@link #holds(String, Condition)}, and appends evidence to the failure: the state that was last seen. */
    public static void holds(String description, Condition condition, Supplier<String> evidence) {
        holds(description, TIMEOUT, condition, evidence);
    }

    /** As {@link #holds(String, Condition)}, with a time of the test's own. */
    public static void holds(String description, Duration timeout, Condition condition) {
        holds(description, timeout, condition, () -> "");
    }

    /** As {@link #holds(String, Condition, Supplier)}, with a time of the test's own. */
    public static void holds(String description, Duration timeout, Condition condition, Supplier<String> evidence) {
        long deadline = System.nanoTime() + timeout.toNanos();
        long pauseMs = FIRST_PAUSE_MS;
        while (true) {
            Exception lastFailure = null;
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting: " + description, e);
            } catch (Exception e) {
                lastFailure = e;
            }
            if (System.nanoTime() >= deadline) {
                throw new AssertionError(
                        "not within " + timeout.toMillis() + " ms: " + description + described(evidence), lastFailure);
            }
            pause(pauseMs, description);
            pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
        }
    }

    private static String described(Supplier<String> evidence) {
        String text;
        try {
            text = evidence.get();
        } catch (RuntimeException e) {
            text = "no evidence: " + e;
        }
        return text.isEmpty() ? "" : "\n" + text;
    }

    private static void pause(long pauseMs, String description) {
        try {
            TimeUnit.MILLISECONDS.sleep(pauseMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting: " + description, e);
        }
    }
}
