package io.pgseam.record.mask;

import io.pgseam.pg.TableId;
import org.jspecify.annotations.Nullable;

/** Tells which columns are masked, and how. */
@FunctionalInterface
public interface ColumnMasks {

    /** Masks nothing. */
    ColumnMasks NONE = (table, column) -> null;

    /**
     * The mask of a column; null for none. If several rules match, it is the strictest. Allocates: for the first sight of a table, not for
     * each row.
     */
    @Nullable
    Mask of(TableId table, String column);
}
