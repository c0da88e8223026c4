package io.pgseam.record.debezium;

import io.pgseam.pg.TextRow;
import org.jspecify.annotations.Nullable;

/**
 * A row whose text becomes JSON.
 *
 * @param older where unchanged TOASTed values are taken from; null for nowhere
 * @param keyOnly whether no more is said of it than its key
 */
record JsonRow(TextRow row, @Nullable TextRow older, boolean keyOnly) {

    /** The row that has the value of a column: the older one if it is unchanged, and known. */
    TextRow holderOf(int column) {
        return older != null && row.isUnchanged(column) && older.length(column) >= 0 ? older : row;
    }
}
