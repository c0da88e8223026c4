package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * time and timetz as PostgreSQL's text.
 *
 * @param fallback renders 24:00:00, the end of the day, which other systems do not know
 */
record TimeRenderer(ValueRenderer fallback) implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length > 2 && source[start] == '2' && source[start + 1] == '4') {
            fallback.render(source, start, length, out);
            return;
        }
        out.appendString(source, start, length);
    }
}
