package io.pgseam.tool.verify;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What names a row of a table.
 *
 * @param parts for each column of the key its value, see {@link Canonical}; null for NULL
 */
record RowKey(List<byte @Nullable []> parts) {

    /** Stands for the length of NULL. */
    static final int NULL = -1;

    /** Whether it can be looked up: NULL is equal to nothing. */
    boolean isWhole() {
        return parts.stream().allMatch(part -> part != null);
    }

    /** Equal for equal keys, and for no other. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (byte[] part : parts) {
            String value = part == null ? "" : new String(part, StandardCharsets.UTF_8);
            text.append(part == null ? NULL : value.length()).append(':').append(value);
        }
        return text.toString();
    }

    void write(DataOutputStream stream) throws IOException {
        for (byte[] part : parts) {
            stream.writeInt(part == null ? NULL : part.length);
            if (part != null) {
                stream.write(part);
            }
        }
    }

    /** Passes over a key. */
    static void skip(DataInputStream stream, int columns) throws IOException {
        for (int i = 0; i < columns; i++) {
            int length = stream.readInt();
            if (length != NULL) {
                stream.skipNBytes(length);
            }
        }
    }

    static RowKey read(DataInputStream stream, int columns) throws IOException {
        List<byte @Nullable []> parts = new ArrayList<>(columns);
        for (int i = 0; i < columns; i++) {
            int length = stream.readInt();
            byte[] part = length == NULL ? null : new byte[length];
            if (part != null) {
                stream.readFully(part);
            }
            parts.add(part);
        }
        return new RowKey(parts);
    }
}
