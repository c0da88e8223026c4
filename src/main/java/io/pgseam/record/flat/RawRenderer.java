package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/** Types whose text is JSON already: integers, and jsonb, whose strings are whole. */
record RawRenderer() implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        out.append(source, start, length);
    }
}
