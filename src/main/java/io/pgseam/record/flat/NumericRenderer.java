package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * numeric as a string, which keeps every digit; a reader of JSON may take a number for a double.
 *
 * @param fallback renders NaN and the infinities, which alone do not end in a digit
 */
record NumericRenderer(ValueRenderer fallback) implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length > 0 && source[start + length - 1] > '9') {
            fallback.render(source, start, length, out);
            return;
        }
        out.appendQuoted(source, start, length);
    }
}
