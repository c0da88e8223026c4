package io.pgseam.record.flat;

/** What the ISO text of dates and timestamps looks like (DateStyle ISO, as every session sets it). */
final class CalendarText {

    static final int DATE_LENGTH = 10;
    static final int TIMESTAMP_MIN_LENGTH = 19;

    private static final int YEAR_DIGITS = 4;

    private CalendarText() {}

    /** Whether a date of ten characters, {@code YYYY-MM-DD}, begins at {@code start}. */
    static boolean startsWithDate(byte[] source, int start, int length) {
        return length >= DATE_LENGTH && source[start + 4] == '-' && source[start + 7] == '-' && isDigit(source[start]);
    }

    /** Whether the text is an infinity, before the year 1 or after the year 9999. */
    static boolean isOutOfRange(byte[] source, int start, int length) {
        return isInfinity(source, start, length)
                || isBeforeChrist(source, start, length)
                || hasLongYear(source, start, length);
    }

    static boolean isBeforeChrist(byte[] source, int start, int length) {
        return length > DATE_LENGTH && source[start + length - 2] == 'B' && source[start + length - 1] == 'C';
    }

    private static boolean isInfinity(byte[] source, int start, int length) {
        return length >= 2 && (source[start] == 'i' || (source[start] == '-' && source[start + 1] == 'i'));
    }

    private static boolean hasLongYear(byte[] source, int start, int length) {
        int digits = 0;
        while (digits < length && isDigit(source[start + digits])) {
            digits++;
        }
        return digits > YEAR_DIGITS && digits < length && source[start + digits] == '-';
    }

    static boolean isDigit(byte character) {
        return character >= '0' && character <= '9';
    }
}
