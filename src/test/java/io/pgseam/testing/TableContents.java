package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table in canonical form.
 *
 * @param name what to call it in messages
 * @param columns the columns that are compared
 * @param key names of the key columns, in key order
 * @param rows canonical values in the order of {@code columns}, by the canonical values of the key
 */
public record TableContents(
        String name,
        List<CanonicalColumn> columns,
        List<String> key,
        Map<List<@Nullable String>, List<@Nullable String>> rows) {

    private static final int REPORTED = 10;

    /** Brings replayed rows into this table's canonical form. */
    public TableContents ofRecords(Map<JsonNode, JsonNode> replayed) {
        Map<List<@Nullable String>, List<@Nullable String>> canonical = new LinkedHashMap<>();
        replayed.forEach((keyNode, row) -> {
            List<@Nullable String> values = new ArrayList<>();
            columns.forEach(column -> values.add(column.ofRecord(row.get(column.name()))));
            row.fieldNames().forEachRemaining(field -> {
                if (columns.stream().noneMatch(column -> column.name().equals(field))) {
                    values.add("unexpected field " + field);
                }
            });
            canonical.put(canonicalKey(keyNode), values);
        });
        return new TableContents("replay of " + name, columns, key, canonical);
    }

    /** The same without the rows of these keys. */
    public TableContents without(Set<JsonNode> keys) {
        if (keys.isEmpty()) {
            return this;
        }
        Map<List<@Nullable String>, List<@Nullable String>> left = new LinkedHashMap<>(rows);
        keys.forEach(keyNode -> left.remove(canonicalKey(keyNode)));
        return new TableContents(name, columns, key, left);
    }

    private List<@Nullable String> canonicalKey(JsonNode keyNode) {
        List<@Nullable String> values = new ArrayList<>();
        for (String keyColumn : key) {
            CanonicalColumn column = columns.stream()
                    .filter(candidate -> candidate.name().equals(keyColumn))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("key column " + keyColumn + " is not compared"));
            values.add(column.ofRecord(keyNode.get(keyColumn)));
        }
        if (keyNode.size() != key.size()) {
            values.add("key has other columns: " + keyNode);
        }
        return values;
    }

    /**
     * Compares with what a replay gave.
     *
     * @throws AssertionError with counts and the first keys that differ
     */
    public void assertEqualTo(TableContents actual) {
        List<String> missing = new ArrayList<>();
        List<String> different = new ArrayList<>();
        rows.forEach((rowKey, expected) -> {
            List<@Nullable String> found = actual.rows.get(rowKey);
            if (found == null) {
                missing.add("missing " + rowKey);
            } else if (!same(expected, found)) {
                different.add("differs " + rowKey + ":" + difference(expected, found));
            }
        });
        List<String> ghosts = actual.rows.keySet().stream()
                .filter(rowKey -> !rows.containsKey(rowKey))
                .map(rowKey -> "ghost " + rowKey)
                .toList();
        if (missing.isEmpty() && ghosts.isEmpty() && different.isEmpty()) {
            return;
        }
        StringBuilder message = new StringBuilder(name + " has " + rows.size() + " rows, the replay "
                + actual.rows.size() + ": " + missing.size() + " missing, " + ghosts.size() + " ghosts, "
                + different.size() + " different");
        for (List<String> group : List.of(missing, ghosts, different)) {
            group.stream()
                    .limit(REPORTED)
                    .forEach(line -> message.append("\n  ").append(line));
        }
        throw new AssertionError(message.toString());
    }

    private boolean same(List<@Nullable String> expected, List<@Nullable String> found) {
        if (expected.size() != found.size()) {
            return false;
        }
        for (int index = 0; index < columns.size(); index++) {
            if (!same(columns.get(index), expected.get(index), found.get(index))) {
                return false;
            }
        }
        return true;
    }

    /** A flat record cannot tell a JSON null from an SQL NULL: either agrees with it. */
    private static boolean same(CanonicalColumn column, @Nullable String expected, @Nullable String found) {
        if (column.kind() == CanonicalColumn.Kind.JSON && Objects.equals(found, "null or SQL NULL")) {
            return expected == null || expected.equals("null");
        }
        return Objects.equals(expected, found);
    }

    private String difference(List<@Nullable String> expected, List<@Nullable String> found) {
        StringBuilder text = new StringBuilder();
        for (int index = 0; index < found.size(); index++) {
            if (index >= columns.size()) {
                text.append(' ').append(found.get(index));
            } else if (!same(columns.get(index), expected.get(index), found.get(index))) {
                text.append(' ')
                        .append(columns.get(index).name())
                        .append(" is <")
                        .append(expected.get(index))
                        .append(">, replayed <")
                        .append(found.get(index))
                        .append('>');
            }
        }
        return text.toString();
    }
}
