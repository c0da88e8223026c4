package io.pgseam.config;

/** What happens to a large value that an update did not change, and that PostgreSQL therefore did not send. */
public enum UnchangedToastPolicy {
    /** It is taken from the old row, else read from the table by its key. */
    COMPLETE,
    /** The setting {@code unavailable.value.placeholder} stands in for it. */
    PLACEHOLDER,
    /** The stream stops. */
    FAIL
}
