package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/** Any type as a string that holds PostgreSQL's text. */
record TextRenderer() implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        out.appendString(source, start, length);
    }
}
