package io.pgseam.pg.pgoutput;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes messages as the plugin does, and anything else: nothing is checked. */
public final class MessageEncoder {

    /** What stands before and after the message in the array: never to be read as part of it. */
    private static final int MARGIN = 25;

    private static final byte FILLER = 't';

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** In a {@link #row}, a value that is not sent. */
    static final String UNCHANGED = new String("unchanged");

    private record Row(List<@Nullable String> values) {}

    /**
     * A message of fields that are written as their Java types say: a byte or an ASCII character in one byte, shorts, ints and longs in
     * two, four and eight, text with its zero byte, bytes as they are, and rows.
     */
    public static MessageEncoder message(char type, Object... fields) {
        MessageEncoder message = new MessageEncoder().int8(type);
        for (Object field : fields) {
            message.field(field);
        }
        return message;
    }

    /** A tuple: the number of its columns, and their values; null for NULL. */
    static Object row(@Nullable String... values) {
        return new Row(Arrays.asList(values));
    }

    @SuppressWarnings({"ReferenceEquality", "StringEquality"})
    private void field(Object field) {
        if (field instanceof Row row) {
            int16(row.values().size());
            row.values().forEach(value -> {
                if (value == null) {
                    nothing();
                } else if (value == UNCHANGED) {
                    unchanged();
                } else {
                    value(value);
                }
            });
        } else if (field instanceof String text) {
            text(text);
        } else if (field instanceof byte[] content) {
            raw(content);
        } else if (field instanceof Character character) {
            int8(character);
        } else if (field instanceof Byte number) {
            int8(number);
        } else if (field instanceof Short number) {
            int16(number);
        } else if (field instanceof Integer number) {
            int32(number);
        } else {
            int64((Long) field);
        }
    }

    public MessageEncoder int8(int value) {
        bytes.write(value);
        return this;
    }

    public MessageEncoder int16(int value) {
        return int8(value >>> 8).int8(value);
    }

    public MessageEncoder int32(long value) {
        return int16((int) (value >>> 16)).int16((int) value);
    }

    public MessageEncoder int64(long value) {
        return int32(value >>> 32).int32(value);
    }

    /** Text with its zero byte. */
    public MessageEncoder text(String text) {
        return raw(text.getBytes(StandardCharsets.UTF_8)).int8(0);
    }

    public MessageEncoder raw(byte[] content) {
        bytes.writeBytes(content);
        return this;
    }

    public MessageEncoder value(String value) {
        byte[] content = value.getBytes(StandardCharsets.UTF_8);
        return int8('t').int32(content.length).raw(content);
    }

    public MessageEncoder nothing() {
        return int8('n');
    }

    public MessageEncoder unchanged() {
        return int8('u');
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    public ByteBuffer toBuffer() {
        return buffer(toBytes());
    }

    /** As the driver gives it, a slice: the message begins inside its array; here it ends inside too. */
    public static ByteBuffer buffer(byte[] message) {
        ByteBuffer whole = ByteBuffer.allocate(MARGIN + message.length + MARGIN);
        Arrays.fill(whole.array(), FILLER);
        whole.position(MARGIN);
        ByteBuffer slice = whole.slice();
        slice.put(message);
        slice.flip();
        return slice;
    }
}
