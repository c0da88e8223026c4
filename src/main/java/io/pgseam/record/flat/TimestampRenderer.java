package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * timestamp as {@code "YYYY-MM-DD HH:MM:SS[.ffffff]"}, as PostgreSQL writes it.
 *
 * @param fallback renders infinities, and years before 1 or after 9999
 */
record TimestampRenderer(ValueRenderer fallback) implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length >= CalendarText.TIMESTAMP_MIN_LENGTH
                && CalendarText.startsWithDate(source, start, length)
                && CalendarText.isDigit(source[start + length - 1])) {
            out.appendQuoted(source, start, length);
        } else if (CalendarText.isOutOfRange(source, start, length)) {
            fallback.render(source, start, length, out);
        } else {
            throw new IllegalArgumentException("not a timestamp in ISO style: does something change DateStyle?");
        }
    }
}
