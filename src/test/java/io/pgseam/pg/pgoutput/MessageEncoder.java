package io.pgseam.pg.pgoutput;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes messages as the plugin does, and anything else: nothing is checked. */
public final class MessageEncoder {

    /** What stands before and after the message in the array: never to be read as part of it. */
    private static final int MARGIN = 25;

    private static final byte FILLER = 't';

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public static MessageEncoder message(char type) {
        return new MessageEncoder().int8(type);
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
