package io.pgseam.record.flat;

import io.pgseam.pg.TableId;
import org.jspecify.annotations.Nullable;

/** A value that cannot be written in the flat format. Names table and column, never the value. */
public final class FlatEncodingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    FlatEncodingException(TableId table, String column, String problem, @Nullable Throwable cause) {
        super("table " + table + ", column " + column + ": " + problem, cause);
    }
}
