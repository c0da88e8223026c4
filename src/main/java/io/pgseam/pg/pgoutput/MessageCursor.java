package io.pgseam.pg.pgoutput;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads through the bytes of one message and never beyond them: every length is checked before it is used.
 *
 * <p>Numbers are big-endian. The {@code what} of each method names what is read, for the error; it is a constant, so
 * that reading allocates nothing. Every method throws {@link MalformedMessageException} where the bytes do not fit.
 */
final class MessageCursor {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** From 1970-01-01, where Unix time begins, to 2000-01-01, where PostgreSQL's begins: 10,957 days. */
    private static final long EPOCH_DIFFERENCE_MICROS = 10_957L * 86_400L * 1_000_000L;

    private byte[] bytes = new byte[0];
    private int start;
    private int position;
    private int end;

    /** Begins a new message: {@code length} bytes of {@code source} from {@code offset} on. */
    void reset(byte[] source, int offset, int length) {
        bytes = source;
        start = offset;
        position = offset;
        end = offset + length;
    }

    byte readByte(String what) {
        require(1, what);
        return bytes[position++];
    }

    int readUnsignedShort(String what) {
        require(Short.BYTES, what);
        int value = Short.toUnsignedInt((short) SHORT.get(bytes, position));
        position += Short.BYTES;
        return value;
    }

    int readInt(String what) {
        require(Integer.BYTES, what);
        int value = (int) INT.get(bytes, position);
        position += Integer.BYTES;
        return value;
    }

    long readUnsignedInt(String what) {
        return Integer.toUnsignedLong(readInt(what));
    }

    private long readLong(String what) {
        require(Long.BYTES, what);
        long value = (long) LONG.get(bytes, position);
        position += Long.BYTES;
        return value;
    }

    Lsn readLsn(String what) {
        return new Lsn(readLong(what));
    }

    /** Reads a timestamp and counts it from 1970 instead of 2000, in µs. */
    long readTimestampMicros(String what) {
        long micros = readLong(what);
        if (micros > Long.MAX_VALUE - EPOCH_DIFFERENCE_MICROS) {
            throw malformedBefore(Long.BYTES, what + " is out of range");
        }
        return micros + EPOCH_DIFFERENCE_MICROS;
    }

    /** Reads a byte of flags. One that we do not know may change what the message means, so it is an error (I10). */
    int readFlags(int known, String what) {
        int flags = Byte.toUnsignedInt(readByte(what));
        if ((flags & ~known) != 0) {
            throw malformedBefore(1, "unknown bits in " + what);
        }
        return flags;
    }

    /** Reads text up to its zero byte; may be empty. */
    String readText(String what) {
        int textStart = position;
        int textEnd = textStart;
        while (textEnd < end && bytes[textEnd] != 0) {
            textEnd++;
        }
        if (textEnd == end) {
            throw malformed(what + " has no end");
        }
        position = textEnd + 1;
        try {
            // Not new String(…): it would replace what is not UTF-8, and a table would silently get another name (I10).
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, textStart, textEnd - textStart))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformedBefore(position - textStart, what + " is not UTF-8");
        }
    }

    /** Reads text up to its zero byte; not empty. */
    String readName(String what) {
        String name = readText(what);
        if (name.isEmpty()) {
            throw malformedBefore(1, what + " is empty");
        }
        return name;
    }

    /** Reads the name of a schema; the empty one stands for {@code pg_catalog}. */
    String readNamespace() {
        String namespace = readText("the schema's name");
        return namespace.isEmpty() ? "pg_catalog" : namespace;
    }

    /** Reads bytes that follow their length; a read-only view, not a copy. */
    ByteBuffer readContent(String what) {
        int length = readLength(what);
        ByteBuffer content = ByteBuffer.wrap(bytes, position, length).slice().asReadOnlyBuffer();
        position += length;
        return content;
    }

    /** Reads a tuple into {@code row}. */
    void readRow(TextRow row) {
        row.reset(bytes);
        int fields = readUnsignedShort("the number of fields");
        for (int field = 0; field < fields; field++) {
            switch (readByte("the kind of a field")) {
                case 't' -> {
                    int length = readLength("the value of a field");
                    row.addValue(position, length);
                    position += length;
                }
                case 'n' -> row.addNull();
                case 'u' -> row.addUnchanged();
                case 'b' ->
                    throw malformedBefore(
                            1, "field " + field + " is binary; the stream has to be started without the option binary");
                default -> throw malformedBefore(1, "unknown kind of field " + field);
            }
        }
    }

    private int readLength(String what) {
        int length = readInt(what);
        if (length < 0 || length > end - position) {
            throw malformedBefore(Integer.BYTES, "the length of " + what + " does not fit into the message");
        }
        return length;
    }

    /** Checks that {@code count} things of {@code bytesEach} or more can still follow, before room is made for them. */
    void requireRoomFor(int count, int bytesEach, String things) {
        if ((long) count * bytesEach > end - position) {
            throw malformed("too many " + things + " for the rest of the message");
        }
    }

    /** Checks that nothing follows. */
    void requireEnd() {
        if (position != end) {
            throw malformed((end - position) + " bytes follow the end of the message");
        }
    }

    private void require(int count, String what) {
        if (end - position < count) {
            throw malformed("ends within " + what);
        }
    }

    private MalformedMessageException malformed(String problem) {
        return malformedBefore(0, problem);
    }

    /** The exception for a problem that begins {@code distance} bytes before the cursor. */
    MalformedMessageException malformedBefore(int distance, String problem) {
        byte type = end > start ? bytes[start] : 0;
        return new MalformedMessageException(type, position - distance - start, end - start, problem);
    }
}
