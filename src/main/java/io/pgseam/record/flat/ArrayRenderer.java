package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * Arrays as JSON arrays, nested for more than one dimension. Lower bounds ({@code [0:2]={…}}) are left out.
 *
 * <p>Reads the text form of "Array Input and Output Syntax" in PostgreSQL's documentation.
 */
final class ArrayRenderer implements ValueRenderer {

    /** PostgreSQL's MAXDIM. */
    private static final int MAX_DIMENSIONS = 6;

    private final ValueRenderer element;
    private final byte delimiter;
    private final Scratch scratch = new Scratch();

    /** What may come next, inside the braces. */
    private enum State {
        VALUE_OR_END,
        VALUE,
        DELIMITER_OR_END
    }

    /**
     * @param element renders the elements
     * @param delimiter stands between them
     */
    ArrayRenderer(ValueRenderer element, char delimiter) {
        this.element = element;
        this.delimiter = (byte) delimiter;
    }

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        int end = start + length;
        int at = skipBounds(source, start, end);
        int depth = 0;
        State state = State.VALUE;
        do {
            byte character = at < end ? source[at] : 0;
            if (character == '{' && state != State.DELIMITER_OR_END && depth < MAX_DIMENSIONS) {
                out.append('[');
                depth++;
                at++;
                state = State.VALUE_OR_END;
            } else if (character == '}' && state != State.VALUE) {
                out.append(']');
                depth--;
                at++;
                state = State.DELIMITER_OR_END;
            } else if (character == delimiter && state == State.DELIMITER_OR_END) {
                out.append(',');
                at++;
                state = State.VALUE;
            } else if (at < end && depth > 0 && state != State.DELIMITER_OR_END) {
                at = character == '"' ? quoted(source, at, end, out) : unquoted(source, at, end, out);
                state = State.DELIMITER_OR_END;
            } else {
                throw malformed();
            }
        } while (depth > 0);
        if (at != end) {
            throw malformed();
        }
    }

    private static int skipBounds(byte[] source, int start, int end) {
        if (start == end || source[start] != '[') {
            return start;
        }
        for (int at = start; at < end; at++) {
            if (source[at] == '=') {
                return at + 1;
            }
        }
        throw malformed();
    }

    /** Renders an element without quotes, and returns where it ends. */
    private int unquoted(byte[] source, int start, int end, JsonBuffer out) {
        int at = start;
        while (at < end && source[at] != delimiter && source[at] != '}') {
            byte character = source[at++];
            if (character == '{' || character == '"' || character == '\\') {
                throw malformed();
            }
        }
        if (at == start) {
            throw malformed();
        }
        if (isNull(source, start, at - start)) {
            out.appendNull();
        } else {
            element.render(source, start, at - start, out);
        }
        return at;
    }

    /** Only without quotes: the string of these four letters is quoted. */
    private static boolean isNull(byte[] source, int start, int length) {
        return length == 4
                && source[start] == 'N'
                && source[start + 1] == 'U'
                && source[start + 2] == 'L'
                && source[start + 3] == 'L';
    }

    /** Renders an element in quotes, and returns where it ends, after the closing one. */
    private int quoted(byte[] source, int start, int end, JsonBuffer out) {
        int from = start + 1;
        int escapes = 0;
        int at = from;
        while (at < end && source[at] != '"') {
            if (source[at] == '\\') {
                at++;
                escapes++;
            }
            at++;
        }
        if (at >= end) {
            throw malformed();
        }
        int length = at - from - escapes;
        if (escapes == 0) {
            element.render(source, from, length, out);
        } else {
            element.render(unescape(source, from, at, scratch.ofLength(length)), 0, length, out);
        }
        return at + 1;
    }

    private static byte[] unescape(byte[] source, int start, int end, byte[] target) {
        int to = 0;
        for (int at = start; at < end; at++) {
            if (source[at] == '\\') {
                at++;
            }
            target[to++] = source[at];
        }
        return target;
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("not PostgreSQL's text of an array");
    }
}
