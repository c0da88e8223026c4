package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;

/**
 * "char", one byte, as a string. A byte that is no ASCII is no UTF-8 either: PostgreSQL 16 and later write it as {@code \\ooo},
 * older servers as it is, and both become the former here.
 */
record CharRenderer() implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length == 1 && source[start] < 0) {
            int value = Byte.toUnsignedInt(source[start]);
            byte[] octal = ("\\" + Integer.toOctalString(value)).getBytes(StandardCharsets.US_ASCII);
            out.appendString(octal, 0, octal.length);
            return;
        }
        out.appendString(source, start, length);
    }
}
