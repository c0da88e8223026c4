package io.pgseam.record.flat;

/** Any type as a string that holds PostgreSQL's text. */
record TextRenderer() implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        out.appendString(source, start, length);
    }
}
