package io.pgseam.tool.verify;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Conditions by which PostgreSQL finds rows whose keys are as messages, and so targets, have them. */
final class SourceKeys {

    private final List<Column> columns = new ArrayList<>();

    SourceKeys(ComparedTable table) {
        for (int place : table.keys()) {
            String name = table.columns().get(place).column().name();
            table.source().columns().stream()
                    .filter(column -> column.name().equals(name))
                    .forEach(columns::add);
        }
    }

    /** Literals have no type of their own, so that PostgreSQL reads them as the columns' types, and uses the index. */
    String condition(Collection<RowKey> keys) {
        String names = columns.stream()
                .map(column -> TableId.quoteIdentifier(column.name()))
                .collect(Collectors.joining(", "));
        return keys.stream().map(this::literals).collect(Collectors.joining(", ", "(" + names + ") IN (", ")"));
    }

    private String literals(RowKey key) {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            byte[] part = key.parts().get(i);
            literals.add(part == null ? "NULL" : literal(columns.get(i), new String(part, StandardCharsets.UTF_8)));
        }
        return "(" + String.join(", ", literals) + ")";
    }

    private static String literal(Column column, String text) {
        // A timestamptz is written in UTC, which is also the time zone of the session.
        return "bytea".equals(column.type().underlying().name())
                ? "decode(" + quoted(text) + ", 'base64')"
                : quoted(text);
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
