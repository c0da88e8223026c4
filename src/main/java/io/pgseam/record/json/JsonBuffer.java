package io.pgseam.record.json;

import io.pgseam.record.KafkaHash;
import io.pgseam.record.MessageHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a JSON text that is being written; used again for each one.
 *
 * <p>It knows how to escape, not what valid JSON is: that is its caller's business. One thread at a time.
 */
public final class JsonBuffer {

    /** What an idle buffer may keep: a huge row must not hold its memory for good (invariant I11). */
    public static final int RETAINED_BYTES = 1 << 20;

    private static final int INITIAL_BYTES = 1 << 10;

    /** Above this an array grows by a quarter rather than to twice its size, for both are in memory for a moment. */
    private static final int HUGE_BYTES = 1 << 24;

    private static final int MAX_BYTES = Integer.MAX_VALUE - 16;

    /** Room that is always there after the last byte, so that a word can be stored where fewer bytes are due. */
    private static final int SLACK = Long.BYTES;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long FIRST_PRINTABLE = ONES * 0x20;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';

    private static final byte[] LOWER_DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UPPER_DIGITS = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_ESCAPE = 12;
    private static final int MAX_DIGITS = 20;

    /** Bytes of a character beyond the first plane, which is a pair of surrogates in Java. */
    private static final int PAIR_BYTES = 4;

    /** How strings are escaped. */
    public enum Escapes {
        /** What JSON demands, and nothing else; hexadecimal digits are small letters. */
        DEMANDED,
        /** As Jackson does: characters beyond the first plane, too, as two escapes; hexadecimal digits are capital letters. */
        JACKSON
    }

    private final boolean escapesPairs;
    private final byte[] hexDigits;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int size;

    /** A buffer that escapes what JSON demands. */
    public JsonBuffer() {
        this(Escapes.DEMANDED);
    }

    public JsonBuffer(Escapes escapes) {
        escapesPairs = escapes == Escapes.JACKSON;
        hexDigits = escapesPairs ? UPPER_DIGITS : LOWER_DIGITS;
    }

    public void clear() {
        size = 0;
        if (bytes.length > RETAINED_BYTES) {
            bytes = new byte[INITIAL_BYTES];
        }
    }

    public int size() {
        return size;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Copies the bytes from {@code start} on. */
    public void copyTo(byte[] target, int at, int start) {
        System.arraycopy(bytes, start, target, at, size - start);
    }

    /** Whether another buffer holds the same bytes. */
    public boolean holdsSameAs(JsonBuffer other) {
        return Arrays.equals(bytes, 0, size, other.bytes, 0, other.size);
    }

    /** Kafka's hash of the bytes, see {@link KafkaHash}. */
    public int kafkaHash() {
        return KafkaHash.of(bytes, size);
    }

    /** The hash of a row that begins at {@code start} and ends here, in a message with this key. */
    public long rowHash(byte[] key, int start) {
        return MessageHash.of(key, bytes, start, size);
    }

    /** How much memory the buffer takes, in bytes. */
    public int capacity() {
        return bytes.length;
    }

    /** Makes room for {@code count} bytes more, and returns the array to write to; it stays so until the next call. */
    public byte[] room(int count) {
        long needed = (long) size + count + SLACK;
        if (needed > bytes.length) {
            grow(needed);
        }
        return bytes;
    }

    /** Ends writing to the array of {@link #room}: everything before {@code end} is written. */
    public void endAt(int end) {
        size = end;
    }

    private void grow(long needed) {
        if (needed > MAX_BYTES) {
            throw new IllegalStateException("a record of more than 2 GB; exclude the column that is so large");
        }
        long roomy = bytes.length < HUGE_BYTES ? bytes.length * 2L : bytes.length + bytes.length / 4;
        bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_BYTES, Math.max(needed, roomy)));
    }

    public void append(char ascii) {
        room(1)[size++] = (byte) ascii;
    }

    /** Replaces a byte that was written before. */
    public void replace(int index, char ascii) {
        bytes[index] = (byte) ascii;
    }

    public void append(byte[] source) {
        append(source, 0, source.length);
    }

    public void append(byte[] source, int start, int length) {
        System.arraycopy(source, start, room(length), size, length);
        size += length;
    }

    /** Appends some bytes of another buffer. */
    public void append(JsonBuffer source, int start, int end) {
        append(source.bytes, start, end - start);
    }

    public void append(boolean value) {
        append(value ? TRUE : FALSE);
    }

    public void appendNull() {
        append(NULL);
    }

    /** Appends in quotes what is known to need no escapes. */
    public void appendQuoted(byte[] source, int start, int length) {
        byte[] target = room(length + 2);
        target[size] = '"';
        System.arraycopy(source, start, target, size + 1, length);
        target[size + 1 + length] = '"';
        size += length + 2;
    }

    /** Appends UTF-8 text as a JSON string, with quotes. */
    public void appendString(byte[] source, int start, int length) {
        byte[] target = room(length + 2);
        int to = size;
        target[to++] = '"';
        int from = start;
        int end = start + length;
        int lastWord = source.length - Long.BYTES;
        while (from < end) {
            int clean;
            if (from <= lastWord) {
                // A whole word is stored even where fewer bytes are due: the slack takes the rest.
                long word = (long) LONGS.get(source, from);
                LONGS.set(target, to, word);
                clean = Math.min(escapesPairs ? cleanBytesBelowPairs(word) : cleanBytes(word), end - from);
                from += clean;
                to += clean;
                if (clean == Long.BYTES || from == end) {
                    continue;
                }
            } else if (!needsEscape(source[from]) && !(escapesPairs && isPair(source[from]))) {
                target[to++] = source[from++];
                continue;
            }
            size = to;
            target = room(MAX_ESCAPE + end - from + 1);
            if (source[from] >= 0) {
                to = escape(source[from++], target, to);
            } else if (end - from >= PAIR_BYTES) {
                to = escapePair(source, from, target, to);
                from += PAIR_BYTES;
            } else {
                // The beginning of a character that does not end: no server sends it.
                target[to++] = source[from++];
            }
        }
        target[to++] = '"';
        size = to;
    }

    /** How many bytes of the word, from its lowest, need no escape: 0 to 8. */
    private static int cleanBytes(long word) {
        return Long.numberOfTrailingZeros(escaped(word)) >>> 3;
    }

    /** The same if what begins a character of four bytes needs one, too: alone its four highest bits are set. */
    private static int cleanBytesBelowPairs(long word) {
        long pairs = word & (word << 1) & (word << 2) & (word << 3) & HIGH_BITS;
        return Long.numberOfTrailingZeros(escaped(word) | pairs) >>> 3;
    }

    private static boolean isPair(byte first) {
        return (first & 0xF0) == 0xF0;
    }

    /** Has the high bit of the lowest byte that JSON demands to be escaped; bits above it mean nothing. */
    private static long escaped(long word) {
        long quotes = word ^ QUOTES;
        long backslashes = word ^ BACKSLASHES;
        // Each term has the high bit of a byte that is below 0x20, a quote, a backslash. A borrow can set bits above
        // the
        // lowest such byte, never below it.
        long hits = ((word - FIRST_PRINTABLE) & ~word)
                | ((quotes - ONES) & ~quotes)
                | ((backslashes - ONES) & ~backslashes);
        return hits & HIGH_BITS;
    }

    /** Where the first backslash at or after {@code from} is; {@code end} where there is none before it. */
    public static int nextBackslash(byte[] source, int from, int end) {
        int at = from;
        while (at <= end - Long.BYTES) {
            long backslashes = (long) LONGS.get(source, at) ^ BACKSLASHES;
            long hits = (backslashes - ONES) & ~backslashes & HIGH_BITS;
            if (hits != 0) {
                return at + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
            at += Long.BYTES;
        }
        while (at < end && source[at] != '\\') {
            at++;
        }
        return at;
    }

    private static boolean needsEscape(byte character) {
        return (character >= 0 && character < 0x20) || character == '"' || character == '\\';
    }

    /** Writes a character of four bytes as the two surrogates that Java has for it. */
    private int escapePair(byte[] source, int from, byte[] target, int to) {
        int character = (source[from] & 0x7) << 18
                | (source[from + 1] & 0x3F) << 12
                | (source[from + 2] & 0x3F) << 6
                | (source[from + 3] & 0x3F);
        int middle = escapeUnit(Character.highSurrogate(character), target, to);
        return escapeUnit(Character.lowSurrogate(character), target, middle);
    }

    private int escapeUnit(int unit, byte[] target, int to) {
        target[to] = '\\';
        target[to + 1] = 'u';
        for (int digit = 0; digit < 4; digit++) {
            target[to + 2 + digit] = hexDigits[(unit >>> (4 * (3 - digit))) & 0xF];
        }
        return to + 6;
    }

    private int escape(byte character, byte[] target, int to) {
        int at = to;
        target[at++] = '\\';
        switch (character) {
            case '"', '\\' -> target[at++] = character;
            case '\b' -> target[at++] = 'b';
            case '\f' -> target[at++] = 'f';
            case '\n' -> target[at++] = 'n';
            case '\r' -> target[at++] = 'r';
            case '\t' -> target[at++] = 't';
            default -> {
                target[at++] = 'u';
                target[at++] = '0';
                target[at++] = '0';
                target[at++] = hexDigits[character >>> 4];
                target[at++] = hexDigits[character & 0xF];
            }
        }
        return at;
    }

    /** Appends a number, read as unsigned, in decimal. */
    public void appendUnsigned(long value) {
        long rest = value;
        byte[] target = room(MAX_DIGITS);
        if (rest < 0) {
            long tenth = Long.divideUnsigned(rest, 10);
            appendUnsigned(tenth);
            append((char) ('0' + (int) (rest - tenth * 10)));
            return;
        }
        int digits = digits(rest);
        for (int at = size + digits - 1; at >= size; at--) {
            long tenth = rest / 10;
            target[at] = (byte) ('0' + (rest - tenth * 10));
            rest = tenth;
        }
        size += digits;
    }

    /** Appends a number in decimal. */
    public void appendSigned(long value) {
        if (value < 0) {
            append('-');
        }
        // The lowest number is its own opposite, and is right as an unsigned one.
        appendUnsigned(value < 0 ? -value : value);
    }

    private static int digits(long value) {
        int digits = 1;
        for (long bound = 10; digits < MAX_DIGITS - 1 && value >= bound; bound *= 10) {
            digits++;
        }
        return digits;
    }

    /** Appends {@code 0 ≤ value < 10⁹} with leading zeros, nine digits in all. */
    public void appendNineDigits(int value) {
        byte[] target = room(9);
        int rest = value;
        for (int at = size + 8; at >= size; at--) {
            target[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += 9;
    }
}
