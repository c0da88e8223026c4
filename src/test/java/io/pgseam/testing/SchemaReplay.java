package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.FlatRecord.Place;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a consumer has that follows the {@code schema} records of the control topic, as {@code docs/schema-changes.md} tells it to:
 * a record is brought into the last schema by every change that came after it, and then the latest record of a key holds.
 */
public final class SchemaReplay {

    private record Version(String topic, Place place, JsonNode schema) {}

    private record Latest(Place place, boolean deleted, ObjectNode row) {}

    private final List<Version> versions = new ArrayList<>();
    private final List<JsonNode> offsets = new ArrayList<>();
    private final String prefix;
    private final Function<String, Iterable<ConsumerRecord<byte[], byte[]>>> topics;

    /**
     * @param prefix {@code topic.prefix}
     * @param topics reads a topic; empty where there is none
     */
    public SchemaReplay(String prefix, Function<String, Iterable<ConsumerRecord<byte[], byte[]>>> topics) {
        this.prefix = prefix;
        this.topics = topics;
        for (ConsumerRecord<byte[], byte[]> record : topics.apply(prefix + ".seam")) {
            JsonNode value = parsed(record.value());
            if ("schema".equals(value.path("type").asText())) {
                versions.add(new Version(value.path("topic").asText(), beginning(value), value));
            } else if ("schema_offsets".equals(value.path("type").asText())) {
                offsets.add(value);
            }
        }
        versions.sort(Comparator.comparing(Version::place));
    }

    private static Place beginning(JsonNode schema) {
        return new Place(
                Lsn.parse(schema.path("lsn").asText()), schema.path("after_seq").asLong());
    }

    private static JsonNode parsed(byte[] bytes) {
        try {
            return ExactJson.READER.readTree(bytes);
        } catch (IOException e) {
            throw new AssertionError("no JSON", e);
        }
    }

    /** What has changed of a topic's table, in its order: the fields {@code what}. */
    public List<String> changes(String topic) {
        List<String> changes = new ArrayList<>();
        versions.stream()
                .filter(version -> version.topic().equals(topic))
                .forEach(version -> version.schema()
                        .path("changes")
                        .forEach(change -> changes.add(change.path("what").asText())));
        return changes;
    }

    /**
     * Compares a table with its topic and, where it was renamed, those of its older names.
     *
     * @param table the table as SQL writes it
     * @param topic its topic now
     */
    public void assertReplayed(SourceTruth truth, String table, String topic) throws SQLException {
        TableContents expected = truth.read(table, Set.of());
        expected.assertEqualTo(expected.ofRecords(rows(topic)));
    }

    private Map<JsonNode, JsonNode> rows(String last) {
        Set<String> names = new HashSet<>();
        names.add(last);
        for (int i = versions.size() - 1; i >= 0; i--) {
            Version version = versions.get(i);
            if (names.contains(version.topic())) {
                version.schema().path("changes").forEach(change -> {
                    if ("table_renamed".equals(change.path("what").asText())) {
                        names.add(prefix + "." + change.path("from_schema").asText() + "."
                                + change.path("from_table").asText());
                    }
                });
            }
        }
        List<Version> own = versions.stream()
                .filter(version -> names.contains(version.topic()))
                .toList();
        Map<JsonNode, Latest> latest = new LinkedHashMap<>();
        for (String name : names) {
            topics.apply(name).forEach(record -> apply(record, own, latest));
        }
        Map<JsonNode, JsonNode> rows = new HashMap<>();
        latest.forEach((key, row) -> {
            if (!row.deleted()) {
                rows.put(key, row.row());
            }
        });
        return rows;
    }

    private static void apply(
            ConsumerRecord<byte[], byte[]> record, List<Version> versions, Map<JsonNode, Latest> latest) {
        FlatRecord flat = FlatRecord.of(record);
        ObjectNode key = (ObjectNode) flat.key();
        ObjectNode row = flat.columns();
        Place place = flat.place();
        for (Version version : versions) {
            if (place.compareTo(version.place()) <= 0) {
                for (JsonNode change : version.schema().path("changes")) {
                    change(key, change, false);
                    change(row, change, true);
                }
            }
        }
        Latest before = latest.get(key);
        if (before == null || before.place().compareTo(place) <= 0) {
            latest.put(key, new Latest(place, flat.deleted(), row));
        }
    }

    private static void change(ObjectNode row, JsonNode change, boolean adds) {
        String column = change.path("column").asText();
        switch (change.path("what").asText()) {
            case "column_dropped" -> row.remove(column);
            case "column_renamed" -> {
                JsonNode value = row.remove(change.path("from").asText());
                if (value != null) {
                    row.set(column, value);
                }
            }
            case "type_changed" -> {
                if (row.path(column).isNumber()
                        && "text".equals(change.path("to").asText())) {
                    row.put(column, row.path(column).asText());
                }
            }
            case "column_added" -> {
                if (adds && change.has("existing")) {
                    row.set(column, existing(change));
                }
            }
            default -> {
                // Says nothing of the columns.
            }
        }
    }

    private static JsonNode existing(JsonNode change) {
        JsonNode value = change.path("existing");
        return value.isTextual() && change.path("type").asText().startsWith("int")
                ? JsonNodeFactory.instance.numberNode(Long.parseLong(value.asText()))
                : value;
    }

    /** Holds every {@code schema_offsets} record that calls itself exact against the records; gives how many there are. */
    public int assertExactOffsets() {
        int exact = 0;
        for (JsonNode located : offsets) {
            if (!located.path("offsets_exact").asBoolean()) {
                continue;
            }
            exact++;
            Place beginning = beginning(located);
            for (ConsumerRecord<byte[], byte[]> record :
                    topics.apply(located.path("topic").asText())) {
                JsonNode from = located.path("offsets").path(String.valueOf(record.partition()));
                if (from.isIntegralNumber()) {
                    boolean after = FlatRecord.of(record).place().compareTo(beginning) > 0;
                    if (after != record.offset() >= from.longValue()) {
                        throw new AssertionError(record.topic() + "-" + record.partition() + "@" + record.offset()
                                + " does not fit " + located);
                    }
                }
            }
        }
        return exact;
    }
}
