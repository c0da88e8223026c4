package io.pgseam.history;

import java.util.List;

/**
 * A table of a history. All have the same columns besides the key; {@code i} numbers the rows for those who write them, and
 * the key follows from it until a row is moved to another key.
 *
 * @param name its name, in schema public
 * @param key the form of its key
 * @param large whether it has a column whose values are stored out of line
 * @param wholeOldRow whether it has REPLICA IDENTITY FULL
 * @param rows how many rows it has before the history begins
 */
record SampleTable(String name, KeyForm key, boolean large, boolean wholeOldRow, int rows) {

    /** What the primary key is made of. */
    enum KeyForm {
        BIGINT("id bigint", "id", "id = %s"),
        TEXT_AND_INT("region text, id int", "region, id", "id = %s"),
        UUID("id uuid", "id", "id = md5((%s)::text)::uuid"),
        /** A bigint, by ranges of which the table is partitioned. */
        PARTITIONED("id bigint", "id", "id = %s");

        private final String columns;
        private final String names;
        private final String equals;

        KeyForm(String columns, String names, String equals) {
            this.columns = columns;
            this.names = names;
            this.equals = equals;
        }
    }

    /** A column that a table may get in the course of a history. */
    static final String ADDED = "extra";

    /** Names of the partitions, after the table's own. */
    private static final List<String> PARTITIONS = List.of("_low", "_high", "_rest");

    private static final int LOW = 700;
    private static final int HIGH = 1_000_000;

    /** The statements that make and fill the table. */
    List<String> creation() {
        String columns = key.columns + ", i bigint, n int, note text, amount numeric(12,2), at timestamptz"
                + (large ? ", large text" : "") + ", PRIMARY KEY (" + key.names + ")";
        List<String> statements = new java.util.ArrayList<>();
        statements.add("CREATE TABLE " + name + " (" + columns + ")"
                + (key == KeyForm.PARTITIONED ? " PARTITION BY RANGE (id)" : ""));
        if (large) {
            statements.add("ALTER TABLE " + name + " ALTER large SET STORAGE EXTERNAL");
        }
        if (key == KeyForm.PARTITIONED) {
            statements.add(
                    "CREATE TABLE " + name + "_low PARTITION OF " + name + " FOR VALUES FROM (0) TO (" + LOW + ")");
            statements.add("CREATE TABLE " + name + "_high PARTITION OF " + name + " FOR VALUES FROM (" + LOW + ") TO ("
                    + HIGH + ")");
            statements.add("CREATE TABLE " + name + "_rest PARTITION OF " + name + " DEFAULT");
        }
        if (wholeOldRow) {
            relations().forEach(leaf -> statements.add("ALTER TABLE " + leaf + " REPLICA IDENTITY FULL"));
        }
        statements.add(insertion(1, rows, "large"));
        return statements;
    }

    /** The columns of the primary key, in key order. */
    List<String> keyColumns() {
        return List.of(key.names.split(", "));
    }

    /** The relations that hold its rows: itself, or its partitions. */
    List<String> relations() {
        return key == KeyForm.PARTITIONED
                ? PARTITIONS.stream().map(name::concat).toList()
                : List.of(name);
    }

    /** The columns that a bulk load fills, for COPY. */
    String bulkColumns() {
        return key.names + ", i, n, note";
    }

    /** A row for {@link #bulkColumns()} as COPY reads it. */
    String bulkRow(long i) {
        String keyText = switch (key) {
            case BIGINT, PARTITIONED -> String.valueOf(i);
            case TEXT_AND_INT -> (i % 2 == 0 ? "nord" : "süd") + "\t" + i;
            case UUID -> new java.util.UUID(i, i).toString();
        };
        return keyText + "\t" + i + "\t" + i % 1_000 + "\tbulk\\t" + i + "\n";
    }

    /** Inserts rows by their numbers, every fifth with a value of some kilobytes where the table has such. */
    String insertion(long first, long last, String word) {
        String keyValue = switch (key) {
            case BIGINT, PARTITIONED -> "i";
            case TEXT_AND_INT -> "(ARRAY['nord', 'süd'])[i % 2 + 1], i";
            case UUID -> "md5(i::text)::uuid";
        };
        return "INSERT INTO " + name + " (" + key.names + ", i, n, note, amount, at" + (large ? ", large" : "")
                + ") SELECT " + keyValue + ", i, i % 1000, '" + word + " ' || i, i / 7.0, now()"
                + (large ? ", CASE WHEN i % 5 = 0 THEN repeat(md5('" + word + "' || i), 90) ELSE 'short' END" : "")
                + " FROM generate_series(" + first + ", " + last + ") i";
    }

    /** Gives rows that have a number another key, which nobody else takes. */
    String move(long i, long freshKey) {
        return "UPDATE " + name + " SET " + String.format(key.equals, freshKey) + ", note = 'moved' WHERE i = " + i;
    }

    /** Goes on with {@code ON CONFLICT} after an {@link #insertion}. */
    String orUpdate() {
        return " ON CONFLICT (" + key.names + ") DO UPDATE SET note = excluded.note, amount = excluded.amount";
    }
}
