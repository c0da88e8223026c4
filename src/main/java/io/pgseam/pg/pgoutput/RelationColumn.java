package io.pgseam.pg.pgoutput;

/**
 * One column of a {@link Relation}: published, and neither dropped nor generated.
 *
 * @param key whether it is part of the replica identity; with REPLICA IDENTITY FULL every column is
 * @param name its name as stored
 * @param typeOid OID of its type, unsigned 32 bits
 * @param modifier {@code atttypmod}; -1 for none
 */
public record RelationColumn(boolean key, String name, long typeOid, int modifier) {

    /** Flags, a name of one character with its end, type, modifier. */
    static final int LEAST_BYTES = 1 + 2 + 4 + 4;

    private static final int KEY_FLAG = 1;

    static RelationColumn decode(MessageCursor cursor) {
        return new RelationColumn(
                cursor.readFlags(KEY_FLAG, "the flags of a column") == KEY_FLAG,
                cursor.readName("a column's name"),
                cursor.readUnsignedInt("a column's type"),
                cursor.readInt("a column's type modifier"));
    }
}
