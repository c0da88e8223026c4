package io.pgseam.config;

/** What happens to a streamed text that PostgreSQL cannot convert to UTF-8 (invariant I10). */
public enum InvalidTextPolicy {
    /** The stream stops before the change, and the error names table and column. */
    FAIL,
    /** Each byte or character that has no form in UTF-8 becomes U+FFFD; a warning names table and column. */
    REPLACE
}
