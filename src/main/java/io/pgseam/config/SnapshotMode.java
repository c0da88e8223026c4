package io.pgseam.config;

/** What a connector that starts for the first time does. */
public enum SnapshotMode {
    /** Copies the tables, then streams changes. */
    INITIAL,
    /** Copies the tables, and streams nothing. */
    INITIAL_ONLY,
    /** Streams changes, from the slot's creation on, and copies nothing. */
    NO_DATA
}
