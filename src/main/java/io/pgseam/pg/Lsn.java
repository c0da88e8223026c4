package io.pgseam.pg;

/**
 * A position in the write-ahead log: an unsigned 64-bit byte offset, ordered as such.
 *
 * <p>Text form as in PostgreSQL's {@code pg_lsn} type: two hexadecimal halves, {@code 16/B374D848}.
 *
 * @param value the byte offset; to be read as unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {

    /** {@code 0/0}, PostgreSQL's InvalidXLogRecPtr: no position. */
    public static final Lsn NONE = new Lsn(0);

    /**
     * Reads PostgreSQL's text form.
     *
     * @throws IllegalArgumentException where {@code text} is not two hexadecimal halves of at most 8 digits
     */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash > 8 || text.length() - slash - 1 < 1 || text.length() - slash - 1 > 8) {
            throw new IllegalArgumentException("not an LSN: '" + text + "'");
        }
        try {
            long high = Long.parseUnsignedLong(text, 0, slash, 16);
            long low = Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
            return new Lsn((high << 32) | low);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not an LSN: '" + text + "'", e);
        }
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    /** The later of two positions. */
    public static Lsn max(Lsn first, Lsn second) {
        return first.isBefore(second) ? second : first;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    /** PostgreSQL's text form, upper case, without leading zeros. */
    @Override
    public String toString() {
        return Long.toHexString(value >>> 32).toUpperCase(java.util.Locale.ROOT)
                + "/"
                + Long.toHexString(value & 0xFFFF_FFFFL).toUpperCase(java.util.Locale.ROOT);
    }
}
