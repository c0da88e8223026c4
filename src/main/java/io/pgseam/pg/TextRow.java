package io.pgseam.pg;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one row as PostgreSQL's text output, UTF-8: what a COPY row and a pgoutput tuple have in common.
 *
 * <p>A flyweight: it points into a byte array that the caller owns, and is filled again for the next row. It is
 * valid until then, and must not be kept. It allocates only when a row has more fields than any before it. One thread
 * at a time.
 */
public final class TextRow {

    private static final int NULL = -1;
    private static final int UNCHANGED = -2;

    private byte[] bytes = new byte[0];
    private int[] starts = new int[16];
    private int[] lengths = new int[16];
    private int size;

    /** A row of these values, each null for NULL. */
    public static TextRow of(List<byte @Nullable []> values) {
        int length = values.stream()
                .mapToInt(value -> value == null ? 0 : value.length)
                .sum();
        byte[] all = new byte[length];
        TextRow row = new TextRow();
        row.reset(all);
        int start = 0;
        for (byte[] value : values) {
            if (value == null) {
                row.addNull();
            } else {
                System.arraycopy(value, 0, all, start, value.length);
                row.addValue(start, value.length);
                start += value.length;
            }
        }
        return row;
    }

    /** Begins a new row whose fields lie in {@code source}. */
    public void reset(byte[] source) {
        bytes = source;
        size = 0;
    }

    /** Adds a field with a value: {@code length} bytes of the source from {@code start} on. */
    public void addValue(int start, int length) {
        ensureRoom();
        starts[size] = start;
        lengths[size++] = length;
    }

    /** Adds a field that is NULL. */
    public void addNull() {
        ensureRoom();
        lengths[size++] = NULL;
    }

    /** Adds a field whose TOASTed value was not changed and therefore not sent (pgoutput only). */
    public void addUnchanged() {
        ensureRoom();
        lengths[size++] = UNCHANGED;
    }

    private void ensureRoom() {
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, size * 2);
            lengths = Arrays.copyOf(lengths, size * 2);
        }
    }

    /** The number of fields. */
    public int size() {
        return size;
    }

    /** The array that the fields lie in. Not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the value of the field begins; meaningless where it has none. */
    public int start(int field) {
        return starts[field];
    }

    /** The length of the field's value in bytes; negative where it has none. */
    public int length(int field) {
        return lengths[field];
    }

    public boolean isNull(int field) {
        return lengths[field] == NULL;
    }

    public boolean isUnchanged(int field) {
        return lengths[field] == UNCHANGED;
    }

    /**
     * Whether all fields are the same. A field that is unchanged in one of them is.
     *
     * @param other a row of as many fields
     */
    public boolean holdsSameAs(TextRow other) {
        for (int field = 0; field < size; field++) {
            if (!holdsSameAs(other, field)) {
                return false;
            }
        }
        return true;
    }

    private boolean holdsSameAs(TextRow other, int field) {
        if (isUnchanged(field) || other.isUnchanged(field)) {
            return true;
        }
        int length = lengths[field];
        int start = starts[field];
        int from = other.starts[field];
        return length == other.lengths[field]
                && (length < 0 || Arrays.equals(bytes, start, start + length, other.bytes, from, from + length));
    }

    /** The field as a String: for tests and rare paths, never for each row. */
    public String text(int field) {
        if (lengths[field] < 0) {
            throw new IllegalStateException("field " + field + " has no value");
        }
        return new String(bytes, starts[field], lengths[field], StandardCharsets.UTF_8);
    }
}
