package io.pgseam.record.mask;

/** Masks values of one column, from UTF-8 to UTF-8. One thread at a time. */
public interface Masker {

    /** Whether a value that is absent, NULL or not sent, is masked like any other. */
    default boolean masksAbsence() {
        return false;
    }

    /**
     * The same for old rows: what a change does not tell of a NOT NULL column is an empty text in Debezium's envelope, and is masked as
     * one.
     */
    default Masker ofAbsentAsEmpty() {
        Masker present = this;
        return new Masker() {
            @Override
            public boolean masksAbsence() {
                return true;
            }

            @Override
            public int mostBytes(int length) {
                return present.mostBytes(length);
            }

            @Override
            public int mask(byte[] source, int start, int length, byte[] into, int at) {
                return present.mask(source, start, length, into, at);
            }
        };
    }

    /** The most bytes that a masked value has. */
    int mostBytes(int length);

    /**
     * Writes a masked value.
     *
     * @param source holds PostgreSQL's text of the value; it is not changed
     * @param into takes it, and has room for {@link #mostBytes}
     * @return how many bytes it has
     */
    int mask(byte[] source, int start, int length, byte[] into, int at);
}
