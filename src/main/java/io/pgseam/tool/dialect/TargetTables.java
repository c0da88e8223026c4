package io.pgseam.tool.dialect;

import io.pgseam.pg.Column;
import io.pgseam.pg.TypeText;
import io.pgseam.pg.catalog.CapturedTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tables at the other end from those that are captured.
 *
 * @param tables in the order of their source names
 * @param skipped what cannot be made, and why
 * @param warnings what has to be known of those that can
 */
public record TargetTables(List<TargetTable> tables, List<String> skipped, List<String> warnings) {

    /** What the catalogue knows of a table besides what the connector needs. */
    public interface Descriptions {

        /** The comment on a table; null for none. */
        @Nullable
        String tableComment(CapturedTable table);

        /** The comment on a column; null for none. */
        @Nullable
        String columnComment(CapturedTable table, String column);

        /** Declared dimensions of an array; 0 if it is none. */
        int dimensions(CapturedTable table, String column);
    }

    public TargetTables {
        tables = List.copyOf(tables);
        skipped = List.copyOf(skipped);
        warnings = List.copyOf(warnings);
    }

    /**
     * One table for each topic.
     *
     * @param topics the topic of a captured table
     */
    public static TargetTables of(
            List<CapturedTable> captured, Function<CapturedTable, String> topics, Descriptions descriptions) {
        List<String> skipped = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Map<String, CapturedTable> byTopic = new LinkedHashMap<>();
        for (CapturedTable table : captured) {
            CapturedTable first = byTopic.putIfAbsent(topics.apply(table), table);
            if (first != null) {
                warnings.add(
                        table.id() + ": shares topic " + topics.apply(table) + " with " + first.id()
                                + ", and so its table. It has to have the same columns, and no key in common: see flat.key.table");
            }
        }
        List<CapturedTable> made = new ArrayList<>();
        byTopic.forEach((topic, table) -> {
            if (keys(table).isEmpty()) {
                skipped.add(table.id()
                        + ": has no key, without which updates and deletes cannot be loaded. Add a primary key, or"
                        + " name key columns with message.key.columns");
            } else {
                made.add(table);
            }
        });
        Map<CapturedTable, String> names = names(made);
        List<TargetTable> tables = new ArrayList<>();
        for (CapturedTable table : made) {
            if (!table.messageKey().isEmpty() && table.columns().stream().anyMatch(Column::inRowKey)) {
                warnings.add(table.id() + ": messages are keyed by " + String.join(", ", table.messageKey())
                        + ", rows by the table's own key. If a row's message key changes, its delete and its new version are in two"
                        + " partitions, and may be loaded in the wrong order");
            }
            tables.add(new TargetTable(
                    table.id(),
                    topics.apply(table),
                    names.getOrDefault(table, table.id().name()),
                    columns(table, descriptions),
                    descriptions.tableComment(table)));
        }
        return new TargetTables(tables, skipped, warnings);
    }

    /** The row key if the table has one; else what its messages are keyed by. */
    private static List<Column> keys(CapturedTable table) {
        List<Column> rowKey = table.columns().stream().filter(Column::inRowKey).toList();
        List<Column> keys = rowKey.isEmpty()
                ? table.columns().stream().filter(Column::isKey).toList()
                : rowKey;
        return keys.stream()
                .sorted(Comparator.comparingInt(column -> column.isKey() ? column.keyPosition() : Integer.MAX_VALUE))
                .toList();
    }

    /** The columns that a table has at the other end, those of the key first; it may have no key. */
    public static List<TargetColumn> columns(CapturedTable table, Descriptions descriptions) {
        List<Column> keys = keys(table);
        List<Column> ordered = new ArrayList<>(keys);
        table.columns().stream().filter(column -> !keys.contains(column)).forEach(ordered::add);
        return ordered.stream()
                .map(column -> new TargetColumn(
                        column.name(),
                        Shape.of(column.type(), column.modifier(), descriptions.dimensions(table, column.name())),
                        keys.contains(column),
                        TypeText.of(column.type(), column.modifier()),
                        descriptions.columnComment(table, column.name())))
                .toList();
    }

    /** The source's table name, with the schema before it if two would have the same one. */
    private static Map<CapturedTable, String> names(List<CapturedTable> tables) {
        Map<String, Integer> uses = new HashMap<>();
        tables.forEach(table -> uses.merge(legal(table.id().name()), 1, Integer::sum));
        Set<String> taken = new HashSet<>();
        Map<CapturedTable, String> names = new HashMap<>();
        for (CapturedTable table : tables) {
            String plain = legal(table.id().name());
            String name =
                    uses.getOrDefault(plain, 1) == 1 ? plain : legal(table.id().schema()) + "_" + plain;
            while (!taken.add(name.toLowerCase(Locale.ROOT))) {
                name += "_";
            }
            names.put(table, name);
        }
        return names;
    }

    /** A table's name as the other end takes it. */
    public static String legal(String name) {
        String legal = name.replaceAll("[^a-zA-Z0-9_]", "_");
        return legal.matches("[a-zA-Z].*") ? legal : "t_" + legal;
    }
}
