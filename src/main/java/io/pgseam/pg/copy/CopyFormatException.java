package io.pgseam.pg.copy;

/** A row of {@code COPY … TO STDOUT} that is not in text format, or has other fields than were asked for. */
public final class CopyFormatException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int position;

    CopyFormatException(String problem, int position) {
        super("COPY row is malformed at byte " + position + ": " + problem);
        this.position = position;
    }

    /** Where the fault was noticed: bytes from the beginning of the row, from 0. */
    public int position() {
        return position;
    }
}
