package io.pgseam.tool.target;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads a stream line by line, without making texts of the lines. Not for several threads. */
final class LineReader {

    private static final int FIRST_SIZE = 256 << 10;
    private static final int LONGEST_FAILURE = 16 << 10;

    private final InputStream stream;
    private byte[] buffer = new byte[FIRST_SIZE];
    private int start;
    private int lineEnd;
    private int filled;

    LineReader(InputStream stream) {
        this.stream = stream;
    }

    /** Goes to the next line; false if there is none. The last one need not end with a newline. */
    boolean next() throws IOException {
        start = lineEnd;
        int at = start;
        while (true) {
            while (at < filled) {
                if (buffer[at++] == '\n') {
                    lineEnd = at;
                    return true;
                }
            }
            int searched = at - start;
            if (!fill()) {
                lineEnd = filled;
                return lineEnd > start;
            }
            at = start + searched;
        }
    }

    private boolean fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, filled - start);
            filled -= start;
            start = 0;
        }
        if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
        int read = stream.read(buffer, filled, buffer.length - filled);
        filled += Math.max(0, read);
        return read > 0;
    }

    /** The array that has the line. The line's bytes in it may be changed. */
    byte[] bytes() {
        return buffer;
    }

    int start() {
        return start;
    }

    /** Its length, with the newline. */
    int length() {
        return lineEnd - start;
    }

    boolean endsWith(byte[] end) {
        return length() >= end.length && Arrays.equals(buffer, lineEnd - end.length, lineEnd, end, 0, end.length);
    }

    /** What ClickHouse says of a failure in this line or those that follow; empty if it says nothing. Row values are left out. */
    String failure() throws IOException {
        String text = new String(buffer, start, filled - start, StandardCharsets.UTF_8)
                + new String(stream.readNBytes(LONGEST_FAILURE), StandardCharsets.UTF_8);
        int place = text.indexOf("Code: ");
        return place < 0 ? "" : text.substring(place).strip();
    }
}
