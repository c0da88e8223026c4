package io.pgseam.record.mask;

import java.util.Arrays;

/**
 * Asterisks instead of any value, as {@code column.mask.with.N.chars} of Debezium's has them: instead of NULL, too.
 *
 * @param length how many
 */
public record FixedMask(int length) implements Mask {

    @Override
    public long tells() {
        return length;
    }

    @Override
    public Masker masker(int mostCharacters) {
        return new Masker() {
            @Override
            public boolean masksAbsence() {
                return true;
            }

            @Override
            public int mostBytes(int unmasked) {
                return length;
            }

            @Override
            public int mask(byte[] source, int start, int unmasked, byte[] into, int at) {
                Arrays.fill(into, at, at + length, (byte) '*');
                return length;
            }
        };
    }
}
