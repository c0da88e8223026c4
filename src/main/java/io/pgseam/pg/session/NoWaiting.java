package io.pgseam.pg.session;

/**
 * Marks what a thread does while it must not wait for the source, as Connect's threads: a poll that waits keeps a worker from stopping the task.
 *
 * <p>If assertions are on, as in every test, a read from the server fails meanwhile. Else nothing is checked.
 */
public final class NoWaiting {

    private static final ThreadLocal<Boolean> BEGUN = ThreadLocal.withInitial(() -> false);

    private NoWaiting() {}

    /** From now on this thread must not wait for the source. */
    public static void begin() {
        BEGUN.set(true);
    }

    /** From now on this thread may wait for the source. */
    public static void end() {
        BEGUN.set(false);
    }

    /** Whether this thread may wait for the source. */
    static boolean mayWait() {
        return !BEGUN.get();
    }
}
