package io.pgseam.tool.verify;

/**
 * How many rows there are, and the sum of their hashes.
 *
 * @param rows how many
 * @param hash sum of {@link io.pgseam.record.MessageHash}, modulo 2^64
 */
public record RowSum(long rows, long hash) {

    /** No row. */
    public static final RowSum NONE = new RowSum(0, 0);

    RowSum plus(RowSum other) {
        return new RowSum(rows + other.rows, hash + other.hash);
    }

    RowSum plus(long hashOfRow) {
        return new RowSum(rows + 1, hash + hashOfRow);
    }
}
