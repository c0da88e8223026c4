package io.pgseam.record.mask;

import io.pgseam.pg.TextRow;
import org.jspecify.annotations.Nullable;

/** The masked copy of a row, filled again for the next row. One thread at a time. */
final class MaskedRow {

    private static final byte[] NO_BYTES = {};

    /** A larger buffer is let go after its row (I11). */
    private static final int MOST_KEPT_BYTES = 1 << 20;

    private final TextRow row = new TextRow();
    private byte[] buffer = NO_BYTES;

    /** @param maskers what masks each field; null for those that pass */
    TextRow fill(TextRow source, @Nullable Masker[] maskers) {
        if (source.size() != maskers.length) {
            throw new IllegalArgumentException(
                    "a row of " + source.size() + " fields for a table of " + maskers.length + " columns");
        }
        int most = 0;
        for (int field = 0; field < maskers.length; field++) {
            Masker masker = maskers[field];
            int length = Math.max(0, source.length(field));
            most = Math.addExact(most, masker == null ? length : masker.mostBytes(length));
        }
        if (buffer.length < most) {
            buffer = new byte[most];
        }
        row.reset(buffer);
        int end = 0;
        for (int field = 0; field < maskers.length; field++) {
            end = copy(source, field, maskers[field], end);
        }
        return row;
    }

    private int copy(TextRow source, int field, @Nullable Masker masker, int at) {
        int length = source.length(field);
        if (length < 0 && (masker == null || !masker.masksAbsence())) {
            if (source.isUnchanged(field)) {
                row.addUnchanged();
            } else {
                row.addNull();
            }
            return at;
        }
        int written;
        if (masker == null) {
            System.arraycopy(source.bytes(), source.start(field), buffer, at, length);
            written = length;
        } else if (length < 0) {
            written = masker.mask(NO_BYTES, 0, 0, buffer, at);
        } else {
            written = masker.mask(source.bytes(), source.start(field), length, buffer, at);
        }
        row.addValue(at, written);
        return at + written;
    }

    /** The row is not needed any more. */
    void release() {
        if (buffer.length > MOST_KEPT_BYTES) {
            buffer = NO_BYTES;
        }
        row.reset(NO_BYTES);
    }
}
