package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/** bool, {@code t} and {@code f} in text. */
record BooleanRenderer() implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length != 1 || (source[start] != 't' && source[start] != 'f')) {
            throw new IllegalArgumentException("not PostgreSQL's text of a bool");
        }
        out.append(source[start] == 't');
    }
}
