package io.pgseam.task;

/** What becomes of a record that is larger than the producer takes. */
public enum OversizePolicy {
    /** The task stops, and says what to do. */
    FAIL,
    /** It is left out; a record on the control topic and a warning say so (invariant I10). */
    SKIP
}
