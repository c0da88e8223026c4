package io.pgseam.record.debezium;

/**
 * Reads dates and times in ISO style, as PostgreSQL writes those of the years 1 to 9999. Whatever has another form, such as an infinity, a
 * year before Christ or 24:00:00, has none of these.
 */
final class TemporalText {

    /** What the methods return for a text of another form. */
    static final long OTHER = Long.MIN_VALUE;

    static final long MICROS_OF_SECOND = 1_000_000;
    static final long MICROS_OF_DAY = 86_400 * MICROS_OF_SECOND;

    static final int DATE_LENGTH = 10;
    private static final int TIME_LENGTH = 8;
    static final int TIMESTAMP_LENGTH = DATE_LENGTH + 1 + TIME_LENGTH;
    private static final int MOST_DIGITS = 6;

    private static final int DAYS_OF_ERA = 146_097;
    private static final int YEARS_OF_ERA = 400;
    private static final int DAYS_OF_YEAR = 365;

    /** Days from 1 March of the year 0 to 1 January 1970. */
    private static final int DAYS_TO_EPOCH = 719_468;

    private TemporalText() {}

    /** Days since 1970 of {@code YYYY-MM-DD}. */
    static long days(byte[] source, int start, int length) {
        if (length != DATE_LENGTH || source[start + 4] != '-' || source[start + 7] != '-') {
            return OTHER;
        }
        int year = twoDigits(source, start) * 100 + twoDigits(source, start + 2);
        int month = twoDigits(source, start + 5);
        int day = twoDigits(source, start + 8);
        return year < 0 || month < 0 || day < 0 ? OTHER : daysOf(year, month, day);
    }

    /** Years begin in March, so that the leap day is the last one. */
    private static long daysOf(int year, int month, int day) {
        int ofMarch = month > 2 ? year : year - 1;
        int era = Math.floorDiv(ofMarch, YEARS_OF_ERA);
        int yearOfEra = ofMarch - era * YEARS_OF_ERA;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * DAYS_OF_YEAR + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return (long) era * DAYS_OF_ERA + dayOfEra - DAYS_TO_EPOCH;
    }

    /** Microseconds of the day of {@code HH:MM:SS[.ffffff]}. */
    static long timeMicros(byte[] source, int start, int length) {
        if (length < TIME_LENGTH || source[start + 2] != ':' || source[start + 5] != ':') {
            return OTHER;
        }
        int hours = twoDigits(source, start);
        int minutes = twoDigits(source, start + 3);
        int seconds = twoDigits(source, start + 6);
        int fraction = fractionMicros(source, start + TIME_LENGTH, length - TIME_LENGTH);
        return hours < 0 || hours > 23 || minutes < 0 || seconds < 0 || fraction < 0
                ? OTHER
                : ((hours * 60L + minutes) * 60 + seconds) * MICROS_OF_SECOND + fraction;
    }

    /** Microseconds since 1970 of a date, a space and a time. */
    static long timestampMicros(byte[] source, int start, int length) {
        if (length <= DATE_LENGTH || source[start + DATE_LENGTH] != ' ') {
            return OTHER;
        }
        long days = days(source, start, DATE_LENGTH);
        long micros = timeMicros(source, start + DATE_LENGTH + 1, length - DATE_LENGTH - 1);
        return days == OTHER || micros == OTHER ? OTHER : days * MICROS_OF_DAY + micros;
    }

    /** Microseconds of {@code .f} to {@code .ffffff}, or of nothing; -1 for anything else. */
    private static int fractionMicros(byte[] source, int start, int length) {
        if (length == 0) {
            return 0;
        }
        if (source[start] != '.' || length == 1 || length > MOST_DIGITS + 1) {
            return -1;
        }
        int micros = 0;
        for (int place = 1; place <= MOST_DIGITS; place++) {
            int digit = place < length ? source[start + place] - '0' : 0;
            if (digit < 0 || digit > 9) {
                return -1;
            }
            micros = micros * 10 + digit;
        }
        return micros;
    }

    /** A number so small that no other digit can hide it if these are no two digits. */
    private static int twoDigits(byte[] source, int at) {
        int tens = source[at] - '0';
        int ones = source[at + 1] - '0';
        return (tens | ones) < 0 || tens > 9 || ones > 9 ? Short.MIN_VALUE : tens * 10 + ones;
    }
}
