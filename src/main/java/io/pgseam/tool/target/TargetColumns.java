package io.pgseam.tool.target;

import io.pgseam.tool.outcome.CommandFailure;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The columns that a table has in a database, with their types. */
public final class TargetColumns {

    private TargetColumns() {}

    /**
     * Asks the database.
     *
     * @return types by the columns' names, in their order; empty if there is no such table
     * @throws CommandFailure if it does not answer
     */
    public static Map<String, String> of(Target target, String database, String table) {
        String sql = switch (target.kind()) {
            case CLICKHOUSE ->
                "SELECT name, type FROM system.columns WHERE database = " + literal(database) + " AND table = "
                        + literal(table) + " ORDER BY position";
            case STARROCKS, DORIS ->
                "SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type FROM information_schema.columns WHERE TABLE_SCHEMA = "
                        + literal(database) + " AND TABLE_NAME = " + literal(table)
                        + " ORDER BY ORDINAL_POSITION";
        };
        Map<String, String> columns = new LinkedHashMap<>();
        target.query(sql, row -> columns.put(row.text("name"), row.text("type")));
        return columns;
    }

    private static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Whether two texts name the same type: servers write blanks, case and the width of integers in their own ways. */
    public static boolean sameType(String one, String other) {
        return plain(one).equals(plain(other));
    }

    private static String plain(String type) {
        return type.toLowerCase(Locale.ROOT)
                .replaceAll("\\s+", "")
                .replaceAll("\\b(tinyint|smallint|int|bigint|largeint)\\(\\d+\\)", "$1")
                .replaceAll("\\btinyint\\b", "boolean")
                .replaceAll("\\bdecimal(32|64|128|256|v3)\\(", "decimal(")
                .replaceAll("\\bstring\\b", "varchar(65533)");
    }
}
