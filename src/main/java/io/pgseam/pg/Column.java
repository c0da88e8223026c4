package io.pgseam.pg;

/**
 * One captured column of a table.
 *
 * @param name its name as stored
 * @param type its type
 * @param modifier {@code atttypmod}: precision and scale of numeric, length of varchar …; -1 for none
 * @param notNull whether the table forbids NULL in it
 * @param keyPosition its place in the record key, from 1; 0 where it is not part of the key
 */
public record Column(String name, PgType type, int modifier, boolean notNull, int keyPosition) {

    public boolean isKey() {
        return keyPosition > 0;
    }
}
