package io.pgseam.tool.verify;

import io.pgseam.tool.target.DatabaseKind;
import io.pgseam.tool.verify.TargetType.Family;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** What a target is asked for its rows. */
final class TargetQueries {

    private static final int DATE = "YYYY-MM-DD".length();

    private final ComparedTable table;
    private final boolean clickHouse;

    TargetQueries(ComparedTable table) {
        this.table = table;
        this.clickHouse = table.kind() == DatabaseKind.CLICKHOUSE;
    }

    /** Every row: the compared columns, {@code __lsn}, and {@code __seq} and {@code __deleted} if the table has them. */
    String rows() {
        List<String> fields = new ArrayList<>();
        table.columns().forEach(column -> fields.add(expression(column)));
        fields.add(identifier(ComparedTable.LSN));
        if (table.sequenced()) {
            fields.add(identifier(ComparedTable.SEQUENCE));
        }
        if (table.marked()) {
            fields.add(identifier(ComparedTable.DELETED));
        }
        // A session of StarRocks and Doris ends a query after five minutes, unless it says otherwise.
        return "SELECT " + (clickHouse ? "" : "/*+ SET_VAR(query_timeout = 259200) */ ") + String.join(", ", fields)
                + " FROM " + identifier(table.database()) + "." + identifier(table.name())
                + (clickHouse ? " FINAL" : "");
    }

    private String expression(ColumnMatch match) {
        String column = identifier(match.column().name());
        if (clickHouse) {
            return match.type().family() == Family.ARRAY ? "toJSONString(" + column + ")" : column;
        }
        // As a FLOAT some servers write six digits only.
        return match.type().family() == Family.FLOAT ? "CAST(" + column + " AS DOUBLE)" : column;
    }

    /** The rows of these keys. The server may give others too, that are equal by its own rules. */
    String rows(Collection<RowKey> keys) {
        String where;
        if (table.keys().size() == 1) {
            ColumnMatch column = table.columns().get(table.keys().get(0));
            where = identifier(column.column().name()) + " IN ("
                    + keys.stream()
                            .map(key -> literal(column, key.parts().get(0)))
                            .collect(Collectors.joining(", "))
                    + ")";
        } else {
            where = keys.stream().map(this::condition).collect(Collectors.joining(" OR "));
        }
        return rows() + " WHERE " + where;
    }

    private String condition(RowKey key) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < table.keys().size(); i++) {
            ColumnMatch column = table.columns().get(table.keys().get(i));
            parts.add(identifier(column.column().name()) + " = "
                    + literal(column, key.parts().get(i)));
        }
        return "(" + String.join(" AND ", parts) + ")";
    }

    private static String literal(ColumnMatch column, byte @org.jspecify.annotations.Nullable [] value) {
        if (value == null) {
            return "NULL";
        }
        String text = new String(value, StandardCharsets.UTF_8);
        return switch (column.type().family()) {
            // Not in quotes: as a text it is compared as a float.
            case BOOLEAN, INTEGER, DECIMAL -> text;
            case INSTANT -> quoted(text.length() == DATE ? text + " 00:00:00" : text);
            default -> quoted(text);
        };
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private String identifier(String name) {
        return clickHouse
                ? "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
                : "`" + name.replace("`", "``") + "`";
    }
}
