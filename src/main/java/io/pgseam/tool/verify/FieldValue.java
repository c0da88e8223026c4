package io.pgseam.tool.verify;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One value of a row: bytes in an array that something else owns, or NULL. Filled again for each row; not for several threads. */
public final class FieldValue {

    private byte[] bytes = new byte[0];
    private int from;
    private int to;
    private boolean isNull = true;
    private byte[] own = new byte[64];

    /** Points to the bytes in {@code [start, end)}, which have to stay as they are while this value is used. */
    void set(byte[] source, int start, int end) {
        bytes = source;
        from = start;
        to = end;
        isNull = false;
    }

    void setNull() {
        isNull = true;
        from = 0;
        to = 0;
    }

    void set(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        set(encoded, 0, encoded.length);
    }

    /** Takes the JSON string whose quotes are at {@code start} and {@code end - 1}. */
    void setString(byte[] json, int start, int end) {
        int escape = start + 1;
        while (escape < end - 1 && json[escape] != '\\') {
            escape++;
        }
        if (escape == end - 1) {
            set(json, start + 1, end - 1);
        } else {
            unescape(json, start + 1, end - 1);
        }
    }

    private void unescape(byte[] json, int start, int end) {
        if (own.length < end - start) {
            own = new byte[Math.max(end - start, 2 * own.length)];
        }
        int written = 0;
        int at = start;
        while (at < end) {
            byte character = json[at++];
            if (character != '\\') {
                own[written++] = character;
            } else if (json[at] == 'u') {
                // The encoder escapes control characters only: one byte in UTF-8.
                own[written++] = (byte) Integer.parseInt(new String(json, at + 1, 4, StandardCharsets.US_ASCII), 16);
                at += 5;
            } else {
                own[written++] = control(json[at++]);
            }
        }
        set(own, 0, written);
    }

    private static byte control(byte letter) {
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> letter;
        };
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    int length() {
        return to - from;
    }

    /** Leaves out what follows. */
    void end(int end) {
        to = end;
    }

    boolean isNull() {
        return isNull;
    }

    byte at(int index) {
        return bytes[from + index];
    }

    /** The text; empty for NULL. */
    String text() {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /** Whether it ends with these characters. */
    boolean endsWith(byte[] end) {
        return length() >= end.length && Arrays.equals(bytes, to - end.length, to, end, 0, end.length);
    }
}
