package io.pgseam.tool.verify;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Goes through the fields of a flat JSON object in UTF-8, without making anything of them: names and values are places in the bytes.
 * Nested values are passed over. A value is not checked further than is needed to find its end. Not for several threads.
 */
final class FlatObject {

    private byte[] bytes = new byte[0];
    private int at;
    private int end;
    private boolean first;
    private int nameStart;
    private int nameEnd;
    private int valueStart;
    private int valueEnd;

    /** Begins with the object in {@code [from, to)}. */
    void reset(byte[] json, int from, int to) throws MalformedRowException {
        bytes = json;
        at = from;
        end = to;
        first = true;
        skipBlanks();
        expect('{');
    }

    /** Goes to the next field; false if there is none, and nothing follows the object. */
    boolean next() throws MalformedRowException {
        skipBlanks();
        if (peek() == '}') {
            at++;
            skipBlanks();
            if (at != end) {
                throw new MalformedRowException("text follows the JSON object");
            }
            return false;
        }
        if (!first) {
            expect(',');
            skipBlanks();
        }
        first = false;
        nameStart = at + 1;
        skipString();
        nameEnd = at - 1;
        skipBlanks();
        expect(':');
        skipBlanks();
        valueStart = at;
        skipValue();
        valueEnd = at;
        return true;
    }

    /** Where the present field's name begins, after its quote. */
    int nameStart() {
        return nameStart;
    }

    /** Where the present field's name ends, before its quote. */
    int nameEnd() {
        return nameEnd;
    }

    int valueStart() {
        return valueStart;
    }

    int valueEnd() {
        return valueEnd;
    }

    /** Whether the present field has this name, whose bytes are as JSON writes them. */
    boolean isNamed(byte[] name) {
        return Arrays.equals(bytes, nameStart, nameEnd, name, 0, name.length);
    }

    /** Whether the name of the present field begins like that of a metadata field. */
    boolean mayBeMetadata() {
        return nameEnd - nameStart > 2 && bytes[nameStart] == '_' && bytes[nameStart + 1] == '_';
    }

    String valueText() {
        return new String(bytes, valueStart, valueEnd - valueStart, StandardCharsets.UTF_8);
    }

    String nameText() {
        return new String(bytes, nameStart, nameEnd - nameStart, StandardCharsets.UTF_8);
    }

    private int peek() throws MalformedRowException {
        if (at >= end) {
            throw new MalformedRowException("the JSON object does not end");
        }
        return bytes[at];
    }

    private void expect(char expected) throws MalformedRowException {
        if (peek() != expected) {
            throw new MalformedRowException("no '" + expected + "' where a JSON object has it");
        }
        at++;
    }

    private void skipBlanks() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
    }

    private void skipString() throws MalformedRowException {
        expect('"');
        while (peek() != '"') {
            at += bytes[at] == '\\' ? 2 : 1;
        }
        at++;
    }

    private void skipValue() throws MalformedRowException {
        int begin = at;
        int depth = 0;
        do {
            int next = peek();
            if (next == '"') {
                skipString();
            } else if (next == '{' || next == '[') {
                depth++;
                at++;
            } else if (depth > 0 && (next == '}' || next == ']')) {
                depth--;
                at++;
            } else if (depth == 0) {
                skipScalar();
            } else {
                at++;
            }
        } while (depth > 0);
        if (at == begin) {
            throw new MalformedRowException("a field without a value");
        }
    }

    private void skipScalar() throws MalformedRowException {
        while (peek() != ',' && bytes[at] != '}' && bytes[at] != ' ' && bytes[at] != '\n') {
            at++;
        }
    }
}
