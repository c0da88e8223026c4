package io.pgseam.record.mask;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** A rule for the values of a column. Immutable; what masks values is made of it by {@link #masker}. */
public sealed interface Mask permits FixedMask, HashMask, TruncateMask {

    /** The strictest mask first: one that tells nothing, one that tells equal values, one that tells the beginning. */
    Comparator<Mask> STRICTEST_FIRST = Comparator.comparingLong(Mask::tells);

    /** How much a masked value tells: less than with any mask of a higher number. */
    long tells();

    /**
     * What masks the values of one column. For one thread.
     *
     * @param mostCharacters how many characters the column's type allows; 0 if it sets no limit
     */
    Masker masker(int mostCharacters);

    /**
     * Masks a single value: for rare paths, not for each row.
     *
     * @param value PostgreSQL's text; null for NULL
     * @param mostCharacters as of {@link #masker}
     */
    default @Nullable String apply(@Nullable String value, int mostCharacters) {
        Masker masker = masker(mostCharacters);
        if (value == null && !masker.masksAbsence()) {
            return null;
        }
        byte[] text = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
        byte[] masked = new byte[masker.mostBytes(text.length)];
        int length = masker.mask(text, 0, text.length, masked, 0);
        return new String(masked, 0, length, StandardCharsets.UTF_8);
    }
}
