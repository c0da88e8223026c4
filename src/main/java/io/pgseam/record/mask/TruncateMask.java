package io.pgseam.record.mask;

/**
 * The beginning of a value, as {@code column.truncate.to.N.chars} of Debezium's has it. It counts UTF-16 code units, as Java does, and
 * never leaves half of a character.
 *
 * @param length how many code units at most
 */
public record TruncateMask(int length) implements Mask {

    /** First byte of the UTF-8 of a character that is two code units. */
    private static final int FOUR_BYTES = 0xF0;

    private static final int CONTINUATION_BITS = 0xC0;
    private static final int CONTINUATION = 0x80;

    @Override
    public long tells() {
        return (2L << Integer.SIZE) + length;
    }

    @Override
    public Masker masker(int mostCharacters) {
        return new Masker() {
            @Override
            public int mostBytes(int unmasked) {
                return unmasked;
            }

            @Override
            public int mask(byte[] source, int start, int unmasked, byte[] into, int at) {
                int kept = kept(source, start, unmasked);
                System.arraycopy(source, start, into, at, kept);
                return kept;
            }
        };
    }

    private int kept(byte[] source, int start, int unmasked) {
        int units = 0;
        for (int i = 0; i < unmasked; i++) {
            int next = source[start + i] & 0xFF;
            if ((next & CONTINUATION_BITS) != CONTINUATION) {
                units += next >= FOUR_BYTES ? 2 : 1;
                if (units > length) {
                    return i;
                }
            }
        }
        return unmasked;
    }
}
