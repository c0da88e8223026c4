package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/** The hstore extension's values, {@code "a"=>"1", "b"=>NULL}, as a JSON object of strings and nulls. */
final class HstoreRenderer implements ValueRenderer {

    private final Scratch scratch = new Scratch();

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        int end = start + length;
        int at = start;
        out.append('{');
        while (at < end) {
            at = string(source, at, end, out);
            at = expect(source, at, end, '=');
            at = expect(source, at, end, '>');
            out.append(':');
            if (at < end && source[at] == 'N') {
                out.appendNull();
                at += "NULL".length();
            } else {
                at = string(source, at, end, out);
            }
            if (at < end) {
                at = expect(source, at, end, ',');
                at = expect(source, at, end, ' ');
                out.append(',');
                if (at == end) {
                    throw malformed();
                }
            }
        }
        if (at > end) {
            throw malformed();
        }
        out.append('}');
    }

    /** Renders a string in quotes, where a backslash protects a quote or a backslash, and returns where it ends. */
    private int string(byte[] source, int start, int end, JsonBuffer out) {
        int from = expect(source, start, end, '"');
        int escapes = 0;
        int at = from;
        while (at < end && source[at] != '"') {
            if (source[at] == '\\') {
                at++;
                escapes++;
            }
            at++;
        }
        int next = expect(source, at, end, '"');
        int length = at - from - escapes;
        if (escapes == 0) {
            out.appendString(source, from, length);
        } else {
            out.appendString(unescape(source, from, at, scratch.ofLength(length)), 0, length);
        }
        return next;
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

    private static int expect(byte[] source, int at, int end, char expected) {
        if (at >= end || source[at] != expected) {
            throw malformed();
        }
        return at + 1;
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("not PostgreSQL's text of an hstore");
    }
}
