package io.pgseam.pg;

/**
 * One captured column of a table.
 *
 * <p>A table has up to two keys. The <em>record key</em> is what messages are keyed by, and need not be unique where
 * {@code message.key.columns} names it. The <em>row key</em> tells one row from every other: the primary key, or the index that
 * is the replica identity. Without {@code message.key.columns} they are the same.
 *
 * @param name its name as stored
 * @param type its type
 * @param modifier {@code atttypmod}: precision and scale of numeric, length of varchar …; -1 for none
 * @param notNull whether the table forbids NULL in it
 * @param keyPosition its place in the record key, from 1; 0 where it is not part of it
 * @param inRowKey whether it is part of the row key: only by this key may a row be looked up
 */
public record Column(String name, PgType type, int modifier, boolean notNull, int keyPosition, boolean inRowKey) {

    /** A column of a table whose record key is its row key. */
    public Column(String name, PgType type, int modifier, boolean notNull, int keyPosition) {
        this(name, type, modifier, notNull, keyPosition, keyPosition > 0);
    }

    /** Whether it is part of the record key. */
    public boolean isKey() {
        return keyPosition > 0;
    }
}
