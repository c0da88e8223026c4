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

    /** XLOG_BLCKSZ of every usual build. */
    private static final long PAGE_BYTES = 8192;

    /** The smallest {@code wal_segment_size}; every other is a multiple of it. */
    private static final long SMALLEST_FILE_BYTES = 1 << 20;

    /** SizeOfXLogShortPHD: the header of a page. */
    private static final long PAGE_HEADER_BYTES = 24;

    /** SizeOfXLogLongPHD: the header of a file's first page. */
    private static final long FILE_HEADER_BYTES = 40;

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

    /**
     * This position, if it is the start of a record, as the end of the record before it.
     *
     * <p>A page of the log begins with a header that belongs to no record. If a record fills a page, PostgreSQL says that it ends at the
     * start of the next page, and that the next record begins behind that page's header; {@code pg_current_wal_insert_lsn()} gives the
     * latter. On an idle server nothing ever reaches it, though everything before it was sent. (PostgreSQL: {@code XLogBytePosToRecPtr}
     * and {@code XLogBytePosToEndRecPtr}.)
     *
     * <p>No record ends within a header's length behind the start of a page without reaching over it, so this is right for other sizes
     * of pages and files too.
     */
    public Lsn endOfRecordBefore() {
        if ((value & (SMALLEST_FILE_BYTES - 1)) == FILE_HEADER_BYTES) {
            return new Lsn(value - FILE_HEADER_BYTES);
        }
        return (value & (PAGE_BYTES - 1)) == PAGE_HEADER_BYTES ? new Lsn(value - PAGE_HEADER_BYTES) : this;
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
