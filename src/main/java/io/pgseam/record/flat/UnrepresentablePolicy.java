package io.pgseam.record.flat;

/**
 * What becomes of a value that the target's types cannot hold: infinite dates and timestamps, years before 1 or after 9999,
 * the time 24:00:00, NaN and infinity as float or numeric, and json that holds an escape of half a surrogate pair.
 */
public enum UnrepresentablePolicy {
    /** JSON null; but {@link #STRING} in a key column, where two keys would become one. */
    NULL,
    /** PostgreSQL's text as a JSON string. */
    STRING,
    /** The row fails, and with it the task. */
    FAIL;

    /** What the values are that the policy is for, to be read in messages. */
    static final String VALUES =
            "infinity, NaN, a year before 1 or after 9999, 24:00:00, half a surrogate pair in json";
}
