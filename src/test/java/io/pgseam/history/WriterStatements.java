package io.pgseam.history;

import java.util.List;
import java.util.Random;

/** The statements of one writer, drawn at random: the same seed and the same tables give the same ones. */
final class WriterStatements {

    private static final int MOST_BULK_ROWS = 100;
    private static final int MOST_ROWS_AT_ONCE = 1_000;

    private final List<SampleTable> tables;
    private final Random random;
    private long fresh;

    /**
     * @param firstFreshKey where this writer's own keys begin: others have other ones, so that most inserts succeed
     */
    WriterStatements(List<SampleTable> tables, Random random, long firstFreshKey) {
        this.tables = tables;
        this.random = random;
        this.fresh = firstFreshKey;
    }

    /** A statement, and rows for it to read where it is COPY. */
    record Write(String sql, String rows) {

        boolean isCopy() {
            return !rows.isEmpty();
        }
    }

    Write next() {
        SampleTable table = tables.get(random.nextInt(tables.size()));
        long some = 1 + random.nextInt(table.rows());
        int few = random.nextInt(20);
        String range = " WHERE i BETWEEN " + some + " AND " + (some + few);
        return switch (random.nextInt(14)) {
            case 0, 1 -> sql("UPDATE " + table.name() + " SET amount = amount + " + few + ", at = now()" + range);
            case 2 -> sql("UPDATE " + table.name() + " SET note = 'noted " + few + "', n = " + few + range);
            case 3 -> sql("DELETE FROM " + table.name() + " WHERE i = " + some);
            case 4 -> sql(table.insertion(take(few + 1), fresh - 1, "new"));
            case 5 -> sql(table.move(some, take(1)));
            case 6 -> sql(table.insertion(some, some + few, "upserted") + table.orUpdate());
            case 7 -> sql(large(table, some, few));
            case 8 -> sql("UPDATE " + table.name() + " SET note = note WHERE i % 100 = " + few);
            case 9 -> bulk(table);
            case 10 ->
                sql("DELETE FROM " + table.name() + " WHERE i = " + some + "; " + table.insertion(some, some, "again")
                        + table.orUpdate());
            case 11 ->
                random.nextInt(8) == 0
                        ? sql(table.insertion(take(MOST_ROWS_AT_ONCE), fresh - 1, "many"))
                        : sql("UPDATE " + table.name() + " SET n = NULL, note = ''" + range);
            case 12 ->
                random.nextInt(4) == 0
                        ? sql("UPDATE " + table.name() + " SET " + SampleTable.ADDED + " = 'extra'" + range)
                        : sql("UPDATE " + table.name() + " SET at = NULL" + range);
            default -> sql("DELETE FROM " + table.name() + " WHERE i > " + table.rows() + " AND i % 50 = " + few);
        };
    }

    private static String large(SampleTable table, long some, int few) {
        String column = table.large() ? "large" : "note";
        String value = few == 0 ? "NULL" : "repeat(md5('" + some + "." + few + "'), 80 + " + few + ")";
        return "UPDATE " + table.name() + " SET " + column + " = " + value + " WHERE i BETWEEN " + some + " AND "
                + (some + 2);
    }

    /** A bulk load: its rows share the positions of whole pages in the WAL. */
    private Write bulk(SampleTable table) {
        StringBuilder rows = new StringBuilder();
        for (long i = take(1 + random.nextInt(MOST_BULK_ROWS)); i < fresh; i++) {
            rows.append(table.bulkRow(i));
        }
        return new Write("COPY " + table.name() + " (" + table.bulkColumns() + ") FROM STDIN", rows.toString());
    }

    private static Write sql(String sql) {
        return new Write(sql, "");
    }

    /** The first of so many numbers that nobody has used. */
    private long take(int numbers) {
        long first = fresh;
        fresh += numbers;
        return first;
    }
}
