package io.pgseam.pg.pgoutput;

/**
 * Bytes that are no message of pgoutput's protocol version 1 in text mode: damaged, cut off, or of another version.
 *
 * <p>Says which message and where, and nothing of what stands there: it may be a row's value. Reading on makes no
 * sense; the stream has to be opened again.
 */
public final class MalformedMessageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final byte messageType;
    private final int position;

    MalformedMessageException(byte messageType, int position, int length, String problem) {
        super("pgoutput message of type " + printable(messageType) + ", at byte " + position + " of " + length + ": "
                + problem);
        this.messageType = messageType;
        this.position = position;
    }

    /** The first byte of the message, which says its type; 0 where the message was empty. */
    public byte messageType() {
        return messageType;
    }

    /** Where the problem begins: an offset in bytes from the beginning of the message. */
    public int position() {
        return position;
    }

    private static String printable(byte type) {
        return type > ' ' && type < 0x7F ? "'" + (char) type + "'" : String.format("0x%02X", type);
    }
}
