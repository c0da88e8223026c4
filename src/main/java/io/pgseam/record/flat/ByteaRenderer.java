package io.pgseam.record.flat;

import java.nio.charset.StandardCharsets;

/** bytea as a base64 string (RFC 4648, with padding), from PostgreSQL's hexadecimal text {@code \x…}. */
record ByteaRenderer() implements ValueRenderer {

    private static final byte[] ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length < 2 || length % 2 != 0 || source[start] != '\\' || source[start + 1] != 'x') {
            throw new IllegalArgumentException("not a bytea in hexadecimal: does something change bytea_output?");
        }
        int from = start + 2;
        int end = start + length;
        int count = (length - 2) / 2;
        byte[] target = out.room(Math.addExact((count + 2) / 3 * 4, 2));
        int to = out.size();
        target[to++] = '"';
        for (; end - from >= 6; from += 6) {
            int bits = byteAt(source, from) << 16 | byteAt(source, from + 2) << 8 | byteAt(source, from + 4);
            target[to++] = ALPHABET[bits >>> 18];
            target[to++] = ALPHABET[bits >>> 12 & 0x3F];
            target[to++] = ALPHABET[bits >>> 6 & 0x3F];
            target[to++] = ALPHABET[bits & 0x3F];
        }
        if (from < end) {
            boolean two = end - from == 4;
            int bits = byteAt(source, from) << 16 | (two ? byteAt(source, from + 2) << 8 : 0);
            target[to++] = ALPHABET[bits >>> 18];
            target[to++] = ALPHABET[bits >>> 12 & 0x3F];
            target[to++] = two ? ALPHABET[bits >>> 6 & 0x3F] : (byte) '=';
            target[to++] = '=';
        }
        target[to++] = '"';
        out.endAt(to);
    }

    /** The byte that two hexadecimal digits stand for. Letters and digits differ in bit 6, which stands for nine more. */
    private static int byteAt(byte[] source, int at) {
        int high = source[at];
        int low = source[at + 1];
        return ((high & 0xF) + (high >> 6) * 9 & 0xF) << 4 | ((low & 0xF) + (low >> 6) * 9 & 0xF);
    }
}
