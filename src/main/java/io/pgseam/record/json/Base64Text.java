package io.pgseam.record.json;

import java.nio.charset.StandardCharsets;

/** Bytes as a base64 string (RFC 4648, with padding), straight into the JSON. */
public final class Base64Text {

    private static final byte[] ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);

    private Base64Text() {}

    /** Whether this is PostgreSQL's hexadecimal text of a bytea, {@code \x…}. */
    public static boolean isHex(byte[] source, int start, int length) {
        return length >= 2 && length % 2 == 0 && source[start] == '\\' && source[start + 1] == 'x';
    }

    /** Appends the bytes that hexadecimal text stands for, for which {@link #isHex} holds. */
    public static void appendHex(byte[] source, int start, int length, JsonBuffer out) {
        int from = start + 2;
        int end = start + length;
        int count = (length - 2) / 2;
        byte[] target = out.room(Math.addExact((count + 2) / 3 * 4, 2));
        int to = out.size();
        target[to++] = '"';
        for (; end - from >= 6; from += 6) {
            int bits = byteAt(source, from) << 16 | byteAt(source, from + 2) << 8 | byteAt(source, from + 4);
            to = append(bits, target, to);
        }
        if (from < end) {
            boolean two = end - from == 4;
            int bits = byteAt(source, from) << 16 | (two ? byteAt(source, from + 2) << 8 : 0);
            to = appendLast(bits, two, target, to);
        }
        target[to++] = '"';
        out.endAt(to);
    }

    /** Appends an integer as its shortest bytes in two's complement, the highest byte first: as {@link java.math.BigInteger} has it. */
    public static void append(long number, JsonBuffer out) {
        // Each bit that only repeats the sign needs no place.
        int bits = Long.SIZE + 1 - Long.numberOfLeadingZeros(number < 0 ? ~number : number);
        int rest = (bits + Byte.SIZE - 1) / Byte.SIZE;
        byte[] target = out.room((Long.BYTES + 2) / 3 * 4 + 2);
        int to = out.size();
        target[to++] = '"';
        for (; rest >= 3; rest -= 3) {
            to = append((int) (number >> ((rest - 3) * Byte.SIZE)), target, to);
        }
        if (rest > 0) {
            to = appendLast((int) (number << ((3 - rest) * Byte.SIZE)), rest == 2, target, to);
        }
        target[to++] = '"';
        out.endAt(to);
    }

    private static int append(int bits, byte[] target, int to) {
        target[to] = ALPHABET[bits >>> 18 & 0x3F];
        target[to + 1] = ALPHABET[bits >>> 12 & 0x3F];
        target[to + 2] = ALPHABET[bits >>> 6 & 0x3F];
        target[to + 3] = ALPHABET[bits & 0x3F];
        return to + 4;
    }

    private static int appendLast(int bits, boolean two, byte[] target, int to) {
        target[to] = ALPHABET[bits >>> 18 & 0x3F];
        target[to + 1] = ALPHABET[bits >>> 12 & 0x3F];
        target[to + 2] = two ? ALPHABET[bits >>> 6 & 0x3F] : (byte) '=';
        target[to + 3] = '=';
        return to + 4;
    }

    /** The byte that two hexadecimal digits stand for. Letters and digits differ in bit 6, which stands for nine more. */
    private static int byteAt(byte[] source, int at) {
        int high = source[at];
        int low = source[at + 1];
        return ((high & 0xF) + (high >> 6) * 9 & 0xF) << 4 | ((low & 0xF) + (low >> 6) * 9 & 0xF);
    }
}
