package io.pgseam.pg;

/** What an UPDATE or DELETE of a table says of the old row ({@code pg_class.relreplident}). */
public enum ReplicaIdentity {
    /** The old primary key, where it changed or the row was deleted; nothing without a primary key. */
    DEFAULT('d'),
    /** Nothing. */
    NOTHING('n'),
    /** The whole old row. */
    FULL('f'),
    /** The old columns of one unique index. */
    INDEX('i');

    private final char code;

    ReplicaIdentity(char code) {
        this.code = code;
    }

    /**
     * The identity that a code of {@code pg_class.relreplident}, or of a pgoutput Relation message, stands for.
     *
     * @throws IllegalArgumentException for any other character
     */
    public static ReplicaIdentity ofCode(char code) {
        for (ReplicaIdentity identity : values()) {
            if (identity.code == code) {
                return identity;
            }
        }
        throw new IllegalArgumentException("unknown replica identity '" + code + "'");
    }
}
