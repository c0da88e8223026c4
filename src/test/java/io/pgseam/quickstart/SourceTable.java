package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.TableId;
import io.pgseam.testing.CanonicalColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A captured table, and how its rows are told apart and compared.
 *
 * @param id its name
 * @param topic where its records are
 * @param partitioned whether the rows are in partitions below it
 * @param columns what is compared
 * @param key names of the primary key's columns, in key order
 * @param estimatedRows about how many rows it has
 */
record SourceTable(
        TableId id,
        String topic,
        boolean partitioned,
        List<CanonicalColumn> columns,
        List<String> key,
        long estimatedRows) {

    SourceTable {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        if (key.isEmpty()) {
            throw new IllegalArgumentException("table " + id + " has no primary key to replay its topic by");
        }
    }

    /** A query for all of its rows, with the columns in their order. */
    String query() {
        List<String> names = columns.stream()
                .map(column -> TableId.quoteIdentifier(column.name()))
                .toList();
        return "SELECT " + String.join(", ", names) + " FROM " + (partitioned ? "" : "ONLY ") + id.quoted();
    }

    /** The canonical values of a record, given without its metadata fields. */
    List<@Nullable String> valuesOf(JsonNode row) {
        List<@Nullable String> values = new ArrayList<>(columns.size() + 1);
        for (CanonicalColumn column : columns) {
            values.add(canonical(column, column.ofRecord(row.get(column.name()))));
        }
        if (row.size() != columns.size()) {
            values.add("has other fields than the table");
        }
        return values;
    }

    /**
     * The canonical values of a row.
     *
     * @param texts PostgreSQL's text of each column
     */
    List<@Nullable String> valuesOf(List<@Nullable String> texts) {
        List<@Nullable String> values = new ArrayList<>(columns.size());
        for (int index = 0; index < columns.size(); index++) {
            CanonicalColumn column = columns.get(index);
            values.add(canonical(column, column.ofSource(texts.get(index))));
        }
        return values;
    }

    /** A flat record cannot tell a JSON null from an SQL NULL. */
    private static @Nullable String canonical(CanonicalColumn column, @Nullable String value) {
        boolean json = column.kind() == CanonicalColumn.Kind.JSON && !column.array();
        return json && (Objects.equals(value, "null") || Objects.equals(value, "null or SQL NULL")) ? null : value;
    }

    /** The canonical values of a record's key. */
    List<@Nullable String> keyOf(JsonNode recordKey) {
        List<@Nullable String> values = new ArrayList<>(key.size());
        for (String name : key) {
            values.add(columnNamed(name).ofRecord(recordKey.get(name)));
        }
        if (recordKey.size() != key.size()) {
            values.add("has other columns than the key");
        }
        return values;
    }

    /** The canonical values of a row's key, out of all of its canonical values. */
    List<@Nullable String> keyOf(List<@Nullable String> values) {
        List<@Nullable String> keyValues = new ArrayList<>(key.size());
        for (String name : key) {
            keyValues.add(values.get(columns.indexOf(columnNamed(name))));
        }
        return keyValues;
    }

    private CanonicalColumn columnNamed(String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("table " + id + " has no column " + name));
    }
}
