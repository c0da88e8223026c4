package io.pgseam.phase;

/** What is copied before the stream: Debezium's setting {@code snapshot.mode} and its values. */
public enum SnapshotMode {
    /** Copy, then stream. */
    INITIAL,
    /** Copy, then end. */
    INITIAL_ONLY,
    /** Stream from the slot's creation on, copy nothing. */
    NO_DATA
}
