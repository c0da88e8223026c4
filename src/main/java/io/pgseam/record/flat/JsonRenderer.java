package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * json as it stands: nested, with its white space, the order of its keys and its doubles.
 *
 * <p>The server has checked the grammar, and no more: json, unlike jsonb, may hold an escape of half a surrogate pair ({@code
 * "\\ud800"}), which no string in UTF-8 can stand for. Strict parsers refuse the row that has one.
 *
 * @param fallback renders such a value
 */
record JsonRenderer(ValueRenderer fallback) implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (hasLoneSurrogate(source, start, start + length)) {
            fallback.render(source, start, length, out);
            return;
        }
        out.append(source, start, length);
    }

    private static boolean hasLoneSurrogate(byte[] source, int start, int end) {
        int at = JsonBuffer.nextBackslash(source, start, end);
        while (at < end) {
            int next = at + 2;
            if (isSurrogate(source, at, end)) {
                if (!isHigh(source, at) || !isSurrogate(source, at + 6, end) || isHigh(source, at + 6)) {
                    return true;
                }
                next = at + 12;
            }
            at = JsonBuffer.nextBackslash(source, next, end);
        }
        return false;
    }

    /** Whether an escape {@code \\ud800} to {@code \\udfff} begins here. */
    private static boolean isSurrogate(byte[] source, int at, int end) {
        return at + 6 <= end
                && source[at] == '\\'
                && source[at + 1] == 'u'
                && (source[at + 2] | 0x20) == 'd'
                && source[at + 3] >= '8';
    }

    private static boolean isHigh(byte[] source, int at) {
        byte digit = source[at + 3];
        return digit == '8' || digit == '9' || (digit | 0x20) == 'a' || (digit | 0x20) == 'b';
    }
}
