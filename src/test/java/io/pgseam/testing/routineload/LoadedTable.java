package io.pgseam.testing.routineload;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A table as a CREATE TABLE for StarRocks or Doris describes it.
 *
 * @param database its database
 * @param name its name
 * @param columns its columns in their order
 */
record LoadedTable(String database, String name, List<Column> columns) {

    private static final Pattern TABLE = Pattern.compile("CREATE TABLE IF NOT EXISTS `([^`]+)`\\.`([^`]+)` \\(");
    private static final Pattern COLUMN =
            Pattern.compile("^ {2}`([^`]+)` (\\S+) (NOT NULL|NULL)(?: COMMENT .*)?$", Pattern.MULTILINE);
    private static final Pattern KEY = Pattern.compile("(?:PRIMARY|UNIQUE) KEY \\(([^)]*)\\)");

    /** A column with its type in the dialect. */
    record Column(String name, String type, boolean nullable, boolean key) {

        /** The name of the type, without its length. */
        String kind() {
            return type.replaceAll("[(<].*", "");
        }

        /** What MariaDB has for it. Values are texts of this type already; JSON and arrays stay the texts that they are. */
        String mariaDbType() {
            return switch (kind()) {
                case "BOOLEAN", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DATE" -> type;
                case "LARGEINT" -> "DECIMAL(39,0)";
                case "DATETIME" -> "DATETIME(6)";
                case "DECIMAL" -> type;
                // MariaDB's own limit on keys counts characters of four bytes; the dialect's limit is checked when rows
                // are loaded.
                default -> (key ? "VARCHAR(190)" : "LONGTEXT") + " COLLATE utf8mb4_bin";
            };
        }
    }

    static LoadedTable parse(String sql) {
        Matcher table = TABLE.matcher(sql);
        Matcher keys = KEY.matcher(sql);
        if (!table.find() || !keys.find()) {
            throw new IllegalArgumentException("no table with a key: " + sql);
        }
        List<String> key = List.of(keys.group(1).replace("`", "").split(", "));
        List<Column> columns = new ArrayList<>();
        Matcher column = COLUMN.matcher(sql);
        while (column.find()) {
            columns.add(new Column(
                    column.group(1), column.group(2), column.group(3).equals("NULL"), key.contains(column.group(1))));
        }
        return new LoadedTable(table.group(1), table.group(2), columns);
    }

    List<Column> keys() {
        return columns.stream().filter(Column::key).toList();
    }

    String qualified() {
        return "`" + database + "`.`" + name + "`";
    }

    /** The CREATE TABLE for MariaDB. */
    String mariaDb() {
        return columns.stream()
                        .map(column -> "`" + column.name() + "` " + column.mariaDbType()
                                + (column.nullable() ? " NULL" : " NOT NULL"))
                        .collect(Collectors.joining(", ", "CREATE TABLE " + qualified() + " (", ""))
                + keys().stream()
                        .map(column -> "`" + column.name() + "`")
                        .collect(Collectors.joining(", ", ", PRIMARY KEY (", "))"));
    }
}
