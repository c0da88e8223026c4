package io.pgseam.pg.pgoutput;

import io.pgseam.pg.Lsn;
import java.nio.ByteBuffer;

/**
 * A message that an application wrote into the log with {@code pg_logical_emit_message}; sent only where the stream was
 * started with the option {@code messages}.
 *
 * @param transactional whether it belongs to the transaction around it; otherwise it stands between transactions
 * @param lsn the end of its record in the log, at which the record of a change or of a commit may begin
 * @param prefix the prefix that its writer gave; may be empty
 * @param content what its writer gave, read-only and not copied; valid until the next decode
 */
public record LogicalMessage(boolean transactional, Lsn lsn, String prefix, ByteBuffer content) implements Message {

    static final byte TYPE = 'M';

    private static final int TRANSACTIONAL_FLAG = 1;

    public LogicalMessage {
        content = content.asReadOnlyBuffer();
    }

    static LogicalMessage decode(MessageCursor cursor) {
        return new LogicalMessage(
                cursor.readFlags(TRANSACTIONAL_FLAG, "the flags of a message") == TRANSACTIONAL_FLAG,
                cursor.readLsn("the message's LSN"),
                cursor.readText("the message's prefix"),
                cursor.readContent("the message's content"));
    }

    /** The content from its beginning: each call gives a view with a position of its own. */
    @Override
    public ByteBuffer content() {
        return content.duplicate();
    }
}
