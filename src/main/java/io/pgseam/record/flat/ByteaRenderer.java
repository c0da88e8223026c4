package io.pgseam.record.flat;

import io.pgseam.record.json.Base64Text;
import io.pgseam.record.json.JsonBuffer;

/** bytea as a base64 string (RFC 4648, with padding), from PostgreSQL's hexadecimal text {@code \x…}. */
record ByteaRenderer() implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (!Base64Text.isHex(source, start, length)) {
            throw new IllegalArgumentException("not a bytea in hexadecimal: does something change bytea_output?");
        }
        Base64Text.appendHex(source, start, length, out);
    }
}
