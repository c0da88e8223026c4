package io.pgseam.snapshot;

/** No session holds the anchor's snapshot any more: nothing may be read until there is a new anchor (invariant I8). */
final class SnapshotLostException extends Exception {

    private static final long serialVersionUID = 1L;

    SnapshotLostException(String message) {
        super(message);
    }
}
