package io.pgseam.pg.pgoutput;

import io.pgseam.pg.TextRow;
import java.nio.ByteBuffer;

/**
 * Turns the bytes of the replication stream into messages.
 *
 * <p>Rows are not copied: they point into the array behind the decoded buffer, and the decoder has only one new and one
 * old row that it fills again and again. So what a message says of rows, and a {@link LogicalMessage}'s content, is
 * valid until the next decode. An insert, update or delete costs one small object and nothing else.
 *
 * <p>One thread at a time.
 */
public final class MessageDecoder {

    private static final byte[] NO_BYTES = new byte[0];

    private final MessageCursor cursor = new MessageCursor();
    private final TextRow newRow = new TextRow();
    private final TextRow oldRow = new TextRow();

    /**
     * Decodes one message.
     *
     * @param message the message, from the buffer's position to its limit, which stay as they are; with an accessible
     *     array, as the driver's replication stream gives it
     * @throws MalformedMessageException where the bytes are not exactly one message of protocol version 1 in text
     *     mode; the decoder can be used again
     * @throws IllegalArgumentException where the buffer has no accessible array
     */
    public Message decode(ByteBuffer message) {
        if (!message.hasArray()) {
            throw new IllegalArgumentException("the message has to lie in an accessible array");
        }
        // Rows let go of the previous array, which may be large (I11); and code that kept one finds it empty, not
        // wrong.
        newRow.reset(NO_BYTES);
        oldRow.reset(NO_BYTES);
        cursor.reset(message.array(), message.arrayOffset() + message.position(), message.remaining());
        Message decoded = dispatch(cursor.readByte("the message type"));
        cursor.requireEnd();
        return decoded;
    }

    private Message dispatch(byte type) {
        return switch (type) {
            case Insert.TYPE -> Insert.decode(cursor, newRow);
            case Update.TYPE -> Update.decode(cursor, oldRow, newRow);
            case Delete.TYPE -> Delete.decode(cursor, oldRow);
            case Begin.TYPE -> Begin.decode(cursor);
            case Commit.TYPE -> Commit.decode(cursor);
            case Relation.TYPE -> Relation.decode(cursor);
            case Type.TYPE -> Type.decode(cursor);
            case Truncate.TYPE -> Truncate.decode(cursor);
            case LogicalMessage.TYPE -> LogicalMessage.decode(cursor);
            case Origin.TYPE -> Origin.decode(cursor);
            default -> throw cursor.malformedBefore(1, "unknown type; the stream needs proto_version 1");
        };
    }
}
