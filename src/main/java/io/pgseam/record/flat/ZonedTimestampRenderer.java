package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;

/**
 * timestamptz as {@code "YYYY-MM-DD HH:MM:SS[.ffffff]"} in UTC, without an offset: StarRocks ignores one without a word.
 *
 * <p>Every session has TimeZone UTC, so that the server has converted already, and writes {@code +00}.
 *
 * @param fallback renders infinities, and years before 1 or after 9999
 */
record ZonedTimestampRenderer(ValueRenderer fallback) implements ValueRenderer {

    private static final int OFFSET_LENGTH = 3;

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        int localLength = length - OFFSET_LENGTH;
        if (localLength >= CalendarText.TIMESTAMP_MIN_LENGTH
                && CalendarText.startsWithDate(source, start, length)
                && endsWithUtc(source, start + localLength)) {
            out.appendQuoted(source, start, localLength);
        } else if (CalendarText.isOutOfRange(source, start, length)) {
            fallback.render(source, start, length, out);
        } else {
            throw new IllegalArgumentException(
                    "not a timestamptz in ISO style and UTC: does something change DateStyle or TimeZone?");
        }
    }

    private static boolean endsWithUtc(byte[] source, int at) {
        return source[at] == '+' && source[at + 1] == '0' && source[at + 2] == '0';
    }
}
