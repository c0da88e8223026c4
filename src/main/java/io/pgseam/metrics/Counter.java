package io.pgseam.metrics;

import java.util.concurrent.atomic.AtomicLong;

/** A number that only grows. One thread at a time adds to it, any may read it: an addition costs what it costs in a local field. */
public final class Counter {

    private final AtomicLong value = new AtomicLong();

    /** Adds one. */
    public void add() {
        add(1);
    }

    /** Adds so many. */
    public void add(long more) {
        value.setRelease(value.getPlain() + more);
    }

    /** The sum. */
    public long get() {
        return value.getAcquire();
    }
}
