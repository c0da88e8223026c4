package io.pgseam.record.flat;

/** The fields that a flat value can have after its columns, in the order in which they are written. */
public enum MetadataField {
    /** Number: 0 upsert, 1 delete. StarRocks reads it by itself, and fails a row where it is a string. */
    OP("__op"),
    /** Number, unsigned: the commit LSN of the change; the anchor's LSN on a snapshot row. */
    LSN("__lsn"),
    /** Number: the order within the transaction, from 1; 0 on a snapshot row. */
    SEQ("__seq"),
    /** Boolean: whether the row was copied. */
    SNAPSHOT("__snapshot"),
    /** String: {@code __lsn · 2³² + __seq} in decimal, one number that orders all versions of a row. */
    VER("__ver"),
    /** Boolean: whether the row is deleted. */
    DELETED("__deleted"),
    /** Number: the commit time in milliseconds since 1970. */
    TS_MS("__ts_ms"),
    /** String: {@code schema.table}. */
    TABLE("__table"),
    /** Number: the id of the transaction; null on a copied row. */
    TXID("__txid");

    private final String fieldName;

    MetadataField(String fieldName) {
        this.fieldName = fieldName;
    }

    /**
     * The field with a name, as settings give it.
     *
     * @throws IllegalArgumentException where no field has it
     */
    public static MetadataField named(String fieldName) {
        for (MetadataField field : values()) {
            if (field.fieldName.equals(fieldName)) {
                return field;
            }
        }
        throw new IllegalArgumentException("unknown metadata field '" + fieldName + "'");
    }

    /** Its name in the JSON object. */
    public String fieldName() {
        return fieldName;
    }
}
