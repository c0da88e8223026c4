package io.pgseam.tool.topic;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a {@code schema} record of the control topic says that a table became.
 *
 * @param table its name, as {@code schema.table}
 * @param topic where its records go
 * @param lsn commit LSN of the first change that has this schema
 * @param afterSeq records of that LSN with a higher sequence have it
 * @param renamed columns by their former names
 * @param filled columns that records have from here on, and had not before, or in another type
 * @param keyChanged whether records have another key from here on, or go to another topic
 * @param offsets of each partition the offset from which records have this schema; empty if it is not known exactly
 */
public record SchemaChange(
        String table,
        String topic,
        Lsn lsn,
        long afterSeq,
        Map<String, String> renamed,
        Set<String> filled,
        boolean keyChanged,
        Optional<SortedMap<Integer, Long>> offsets) {

    public SchemaChange {
        renamed = Map.copyOf(renamed);
        filled = Set.copyOf(filled);
        offsets = offsets.map(known -> Collections.unmodifiableSortedMap(new TreeMap<>(known)));
    }

    /** Takes a {@code schema} record; empty if it says no more than what a table is. */
    static Optional<SchemaChange> of(JsonNode record) {
        Map<String, String> renamed = new TreeMap<>();
        Set<String> filled = new HashSet<>();
        boolean keyChanged = false;
        boolean any = false;
        for (JsonNode change : record.path("changes")) {
            String column = change.path("column").asText();
            switch (change.path("what").asText()) {
                case "column_renamed" -> {
                    renamed.put(change.path("from").asText(), column);
                    // Records before have it by its old name, and are read again under the new one without it.
                    any = true;
                }
                case "column_added", "type_changed" -> {
                    filled.add(column);
                    any = true;
                }
                case "key_changed", "table_renamed" -> {
                    keyChanged = true;
                    any = true;
                }
                default -> {
                    // Of no matter to a target's columns.
                }
            }
        }
        return any
                ? Optional.of(new SchemaChange(
                        record.path("schema").asText() + "."
                                + record.path("table").asText(),
                        record.path("topic").asText(),
                        Lsn.parse(record.path("lsn").asText()),
                        record.path("after_seq").asLong(),
                        renamed,
                        filled,
                        keyChanged,
                        Optional.empty()))
                : Optional.empty();
    }

    /** Takes the {@code schema_offsets} record that belongs to it, if this is one. */
    SchemaChange with(JsonNode record) {
        boolean same = topic.equals(record.path("topic").asText())
                && lsn.equals(Lsn.parse(record.path("lsn").asText()))
                && afterSeq == record.path("after_seq").asLong();
        if (!same || !record.path("offsets_exact").asBoolean()) {
            return this;
        }
        SortedMap<Integer, Long> known = new TreeMap<>();
        record.path("offsets")
                .properties()
                .forEach(partition -> known.put(
                        Integer.valueOf(partition.getKey()),
                        partition.getValue().asLong()));
        return new SchemaChange(table, topic, lsn, afterSeq, renamed, filled, keyChanged, Optional.of(known));
    }
}
