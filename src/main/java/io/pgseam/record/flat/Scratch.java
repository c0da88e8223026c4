package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/** Memory for one value that has to be unescaped before it is rendered; used again for the next. */
final class Scratch {

    private byte[] bytes = new byte[64];

    /** An array of at least {@code length} bytes. A huge one is not kept (invariant I11). */
    byte[] ofLength(int length) {
        if (length <= bytes.length) {
            return bytes;
        }
        byte[] larger = new byte[Math.max(length, (int) Math.min(JsonBuffer.RETAINED_BYTES, bytes.length * 2L))];
        if (larger.length <= JsonBuffer.RETAINED_BYTES) {
            bytes = larger;
        }
        return larger;
    }
}
