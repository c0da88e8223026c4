package io.pgseam.record;

import io.pgseam.pg.TableId;

/**
 * A value has a form that its type is not known to have had: the type was altered, which the stream does not say. Names table
 * and column, never the value. Nothing but this value stands in the way; with what the catalogue says by now, it may be made.
 */
public final class AlteredTypeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public AlteredTypeException(TableId table, String column, IllegalArgumentException cause) {
        super("table " + table + ", column " + column + ": " + cause.getMessage(), cause);
    }
}
