package io.pgseam.config;

/** What happens when a captured table is truncated, which a row's message cannot say (invariant I10). */
public enum TruncatePolicy {
    /** A warning in the log and a record on the control topic; the rows stay in the topic. */
    LOG,
    /** The stream stops, and the operator decides. */
    FAIL
}
