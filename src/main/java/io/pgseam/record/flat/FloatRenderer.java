package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * float4 and float8 as numbers. PostgreSQL's shortest exact text is a JSON number as it stands ({@code 1e-05},
 * {@code -0}), but for NaN and the infinities, which alone do not end in a digit.
 *
 * @param fallback renders those
 */
record FloatRenderer(ValueRenderer fallback) implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length > 0 && source[start + length - 1] > '9') {
            fallback.render(source, start, length, out);
            return;
        }
        out.append(source, start, length);
    }
}
