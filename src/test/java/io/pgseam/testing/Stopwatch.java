package io.pgseam.testing;

import java.time.Duration;

/** Measures how long a call takes. */
public final class Stopwatch {

    /** What is measured. */
    @FunctionalInterface
    public interface Call {
        void run() throws Exception;
    }

    private Stopwatch() {}

    /** How long a call takes. */
    public static Duration timeOf(Call call) throws Exception {
        long begun = System.nanoTime();
        call.run();
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
