package io.pgseam.record;

/** What a change did to a row, as {@code skipped.operations} names it. */
public enum RowOperation {
    /** {@code c}: it was inserted, or has got its key by an update. */
    CREATE("c"),
    /** {@code u}: it was updated, and has the key that it had. */
    UPDATE("u"),
    /** {@code d}: it was deleted, or has lost its key by an update. */
    DELETE("d");

    private final String code;

    RowOperation(String code) {
        this.code = code;
    }

    /** The letter. */
    public String code() {
        return code;
    }
}
