package io.pgseam.record.flat;

import io.pgseam.pg.PgType;
import io.pgseam.pg.PgType.Attribute;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Composite values as JSON objects, by the names of their attributes.
 *
 * <p>Reads the text form of "Composite Type Input and Output Syntax" in PostgreSQL's documentation: {@code (1,"a ""b""",)}.
 * Nothing between commas is NULL; in quotes a quote or a backslash stands twice.
 */
final class CompositeRenderer implements ValueRenderer {

    private final String type;
    private final byte[][] names;
    private final ValueRenderer[] attributes;
    private final Scratch scratch = new Scratch();

    CompositeRenderer(PgType type, ValueRenderer fallback) {
        this.type = type.schema() + "." + type.name();
        List<Attribute> all = type.attributes();
        names = new byte[all.size()][];
        attributes = new ValueRenderer[all.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = nameBytes(all.get(i).name(), i == 0 ? '{' : ',');
            attributes[i] = ValueRenderer.of(all.get(i).type(), fallback);
        }
    }

    private static byte[] nameBytes(String name, char before) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        JsonBuffer bytes = new JsonBuffer();
        bytes.append(before);
        bytes.appendString(text, 0, text.length);
        bytes.append(':');
        return bytes.toByteArray();
    }

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        int last = start + length - 1;
        if (length < 2 || source[start] != '(' || source[last] != ')') {
            throw malformed();
        }
        int at = start + 1;
        if (names.length == 0) {
            if (at != last) {
                throw otherNumber();
            }
            out.append('{');
        }
        for (int i = 0; i < names.length; i++) {
            out.append(names[i]);
            at = attribute(source, at, last, attributes[i], out);
            if (i < names.length - 1) {
                if (at == last) {
                    throw otherNumber();
                }
                at++;
            } else if (at != last) {
                throw otherNumber();
            }
        }
        out.append('}');
    }

    /** Renders what stands from {@code start} to the next comma or the end, and returns where that is. */
    private int attribute(byte[] source, int start, int last, ValueRenderer renderer, JsonBuffer out) {
        if (start == last || source[start] == ',') {
            out.appendNull();
            return start;
        }
        if (source[start] == '"') {
            return quoted(source, start + 1, last, renderer, out);
        }
        int at = start;
        while (at < last && source[at] != ',') {
            byte character = source[at++];
            if (character == '"' || character == '\\' || character == '(' || character == ')') {
                throw malformed();
            }
        }
        renderer.render(source, start, at - start, out);
        return at;
    }

    /** Renders what stands from {@code from} to the closing quote, and returns the place after that one. */
    private int quoted(byte[] source, int from, int last, ValueRenderer renderer, JsonBuffer out) {
        int doubled = 0;
        int at = from;
        while (at < last && !(source[at] == '"' && source[at + 1] != '"')) {
            if (source[at] == '"' || source[at] == '\\') {
                at++;
                doubled++;
            }
            at++;
        }
        int next = at + 1;
        if (at >= last || (next < last && source[next] != ',')) {
            throw malformed();
        }
        int length = at - from - doubled;
        if (doubled == 0) {
            renderer.render(source, from, length, out);
        } else {
            renderer.render(unescape(source, from, at, scratch.ofLength(length)), 0, length, out);
        }
        return next;
    }

    private static byte[] unescape(byte[] source, int start, int end, byte[] target) {
        int to = 0;
        for (int at = start; at < end; at++) {
            if (source[at] == '"' || source[at] == '\\') {
                at++;
            }
            target[to++] = source[at];
        }
        return target;
    }

    private IllegalArgumentException otherNumber() {
        return new IllegalArgumentException("a value of type " + type + " does not have the " + names.length
                + " attributes that the type had when the task began: it was altered meanwhile (ALTER TYPE). Restart the"
                + " task; where that does not help, exclude the column");
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("not PostgreSQL's text of a composite value");
    }
}
