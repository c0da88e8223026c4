package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * date as {@code "YYYY-MM-DD"}.
 *
 * @param fallback renders infinities, and years before 1 or after 9999
 */
record DateRenderer(ValueRenderer fallback) implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (length == CalendarText.DATE_LENGTH && CalendarText.startsWithDate(source, start, length)) {
            out.appendQuoted(source, start, length);
        } else if (CalendarText.isOutOfRange(source, start, length)) {
            fallback.render(source, start, length, out);
        } else {
            throw new IllegalArgumentException("not a date in ISO style: does something change DateStyle?");
        }
    }
}
