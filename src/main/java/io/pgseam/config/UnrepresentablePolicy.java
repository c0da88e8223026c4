package io.pgseam.config;

/** What happens to a value that the receiving database has no form for, such as {@code infinity} (invariant I10). */
public enum UnrepresentablePolicy {
    /** NULL is written; counted and logged. */
    NULL,
    /** PostgreSQL's text is written; counted and logged. */
    STRING,
    /** The task stops. */
    FAIL
}
