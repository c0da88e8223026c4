package io.pgseam.pg.pgoutput;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes messages as the plugin does, and anything else: nothing is checked. */
final class MessageEncoder {

    /** What stands before and after the message in the array: never to be read as part of it. */
    private static final int MARGIN = 25;

    private static final byte FILLER = 't';

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static MessageEncoder message(char type) {
        return new MessageEncoder().int8(type);
    }

    MessageEncoder int8(int value) {
        bytes.write(value);
        return this;
    }

    MessageEncoder int16(int value) {
        return int8(value >>> 8).int8(value);
    }

    MessageEncoder int32(long value) {
        return int16((int) (value >>> 16)).int16((int) value);
    }

    MessageEncoder int64(long value) {
        return int32(value >>> 32).int32(value);
    }

    /** Text with its zero byte. */
    MessageEncoder text(String text) {
        return raw(text.getBytes(StandardCharsets.UTF_8)).int8(0);
    }

    MessageEncoder raw(byte[] content) {
        bytes.writeBytes(content);
        return this;
    }

    MessageEncoder value(String value) {
        byte[] content = value.getBytes(StandardCharsets.UTF_8);
        return int8('t').int32(content.length).raw(content);
    }

    MessageEncoder nothing() {
        return int8('n');
    }

    MessageEncoder unchanged() {
        return int8('u');
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    ByteBuffer toBuffer() {
        return buffer(toBytes());
    }

    /** As the driver gives it, a slice: the message begins inside its array; here it ends inside too. */
    static ByteBuffer buffer(byte[] message) {
        ByteBuffer whole = ByteBuffer.allocate(MARGIN + message.length + MARGIN);
        Arrays.fill(whole.array(), FILLER);
        whole.position(MARGIN);
        ByteBuffer slice = whole.slice();
        slice.put(message);
        slice.flip();
        return slice;
    }
}
