package io.pgseam.pg.copy;

import io.pgseam.pg.TextRow;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Splits rows of COPY's text format, with its default delimiter and null string, into fields.
 *
 * <p>The format is that of "File Formats, Text Format" in PostgreSQL's documentation of COPY. A field is unescaped where it
 * stands, since the result is never longer: no byte is copied out of the given array. Holds no state between rows.
 */
public final class CopyRowParser {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long TABS = ONES * '\t';
    private static final long NEWLINES = ONES * '\n';
    private static final long BACKSLASHES = ONES * '\\';

    private final int fields;

    /**
     * @param fields how many fields every row has; 0 for a query without columns
     * @throws IllegalArgumentException where {@code fields} is negative
     */
    public CopyRowParser(int fields) {
        if (fields < 0) {
            throw new IllegalArgumentException("a row cannot have " + fields + " fields");
        }
        this.fields = fields;
    }

    /**
     * Reads one row: the payload of one CopyData message, which the server ends with a newline.
     *
     * @param line holds the row; the row's bytes in it are changed by unescaping, so that it can be parsed only once
     * @param offset where the row begins
     * @param length its length in bytes, with the newline
     * @param row takes the fields; they point into {@code line}. Where this method throws, its content has no meaning
     * @throws CopyFormatException where the row is malformed or has another number of fields; it names the position, never
     *     the content
     */
    public void parse(byte[] line, int offset, int length, TextRow row) {
        Objects.checkFromIndexSize(offset, length, line.length);
        int end = offset + length - 1;
        if (length == 0 || line[end] != '\n') {
            throw new CopyFormatException("it does not end with a newline", length);
        }
        rejectEndMarker(line, offset, length);
        row.reset(line);
        if (fields == 0 && length == 1) {
            return;
        }
        int start = offset;
        while (true) {
            if (row.size() == fields) {
                throw new CopyFormatException("it has more than the expected " + fields + " fields", start - offset);
            }
            int stop = nextSpecial(line, start, end);
            if (line[stop] == '\\') {
                stop = unescape(line, offset, start, stop, end, row);
            } else {
                row.addValue(start, stop - start);
            }
            if (stop == end) {
                break;
            }
            if (line[stop] == '\n') {
                throw new CopyFormatException("a newline inside the row", stop - offset);
            }
            start = stop + 1;
        }
        if (row.size() != fields) {
            throw new CopyFormatException("it has " + row.size() + " fields, expected were " + fields, length - 1);
        }
    }

    /**
     * A row that is {@code \.} ended the data before protocol version 3, where CopyDone does. A value {@code \.} has its
     * backslash doubled, so it can only mean that something is wrong.
     */
    private static void rejectEndMarker(byte[] line, int offset, int length) {
        if (length == 3 && line[offset] == '\\' && line[offset + 1] == '.') {
            throw new CopyFormatException("an end-of-data marker instead of a row", 0);
        }
    }

    /**
     * Reads a field that has a backslash at {@code first}, and adds it to the row.
     *
     * @return where the field ends: at a tab, at a newline, or at {@code end}
     */
    private static int unescape(byte[] line, int offset, int start, int first, int end, TextRow row) {
        if (isNull(line, start, end)) {
            row.addNull();
            return start + 2;
        }
        int fieldStart = start;
        int write = first;
        int read = first;
        do {
            int next = read + 1;
            if (next >= end) {
                throw new CopyFormatException("a lone backslash at the end", read - offset);
            }
            int escaped = line[next++];
            int value;
            if (escaped >= '0' && escaped <= '7') {
                int stop = octalEnd(line, next, end);
                value = octalValue(line, next - 1, stop);
                next = stop;
            } else if (escaped == 'x' && hexDigit(line[next]) >= 0) {
                int stop = next + 1 < end && hexDigit(line[next + 1]) >= 0 ? next + 2 : next + 1;
                value = hexValue(line, next, stop);
                next = stop;
            } else {
                value = plainEscape(escaped);
            }
            if (write == fieldStart) {
                // Nothing is written yet: begin the field later rather than move its rest. Every bytea begins so.
                fieldStart = next - 1;
                write = fieldStart;
            }
            line[write++] = (byte) value;
            read = nextSpecial(line, next, end);
            if (write != next) {
                System.arraycopy(line, next, line, write, read - next);
            }
            write += read - next;
        } while (line[read] == '\\');
        row.addValue(fieldStart, write - fieldStart);
        return read;
    }

    /** Only a field that is {@code \N} as a whole is NULL. Reads at most to {@code end}, where the newline is. */
    private static boolean isNull(byte[] line, int start, int end) {
        return end - start >= 2
                && line[start] == '\\'
                && line[start + 1] == 'N'
                && (start + 2 == end || line[start + 2] == '\t');
    }

    private static int octalEnd(byte[] line, int from, int end) {
        int stop = from;
        while (stop < end && stop < from + 2 && line[stop] >= '0' && line[stop] <= '7') {
            stop++;
        }
        return stop;
    }

    private static int octalValue(byte[] line, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = value * 8 + line[i] - '0';
        }
        return value;
    }

    private static int hexValue(byte[] line, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = value * 16 + hexDigit(line[i]);
        }
        return value;
    }

    private static int hexDigit(byte character) {
        if (character >= '0' && character <= '9') {
            return character - '0';
        }
        int lower = character | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** The character that a backslash and one letter stand for; any other character stands for itself. */
    private static int plainEscape(int escaped) {
        return switch (escaped) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> escaped;
        };
    }

    /** Where the first tab, newline or backslash at or after {@code from} is; {@code end} where there is none before it. */
    private static int nextSpecial(byte[] line, int from, int end) {
        int at = from;
        int lastWord = end - Long.BYTES;
        while (at <= lastWord) {
            long word = (long) LONGS.get(line, at);
            long hits = zeroBytes(word ^ TABS) | zeroBytes(word ^ BACKSLASHES) | zeroBytes(word ^ NEWLINES);
            if (hits != 0) {
                return at + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
            at += Long.BYTES;
        }
        while (at < end && line[at] != '\t' && line[at] != '\\' && line[at] != '\n') {
            at++;
        }
        return at;
    }

    /** The high bit of each byte that is zero. Bits above the lowest may be wrong (a borrow); the lowest never is. */
    private static long zeroBytes(long word) {
        return (word - ONES) & ~word & HIGH_BITS;
    }
}
