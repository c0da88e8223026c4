package io.pgseam.record.flat;

/** Types whose text is JSON already: integers, json, jsonb. */
record RawRenderer() implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        out.append(source, start, length);
    }
}
