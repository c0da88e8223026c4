package io.pgseam.stream;

/** The task was stopped while the thread that reads the slot waited. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
