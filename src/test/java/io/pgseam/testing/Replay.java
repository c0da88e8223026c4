package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer has that applies the flat records of topics by key: upserts replace, deletes remove.
 *
 * <p>On the way it checks what holds for each key whatever the workers did: its records stand in commit order (I4), where a
 * repetition of a record that was there before is allowed and counted; and its key bytes and its partition never change
 * (I7). Violations are collected; {@link #assertConsistent} reports them.
 */
public final class Replay {

    /** One record as the source names it; the same twice is a duplicate. */
    private record Identity(
            String topic, @Nullable String key, long lsn, long sequence, boolean snapshot, int operation) {}

    /** The latest place of a key. */
    private record Place(String keyText, TopicPartition partition, long lsn, long sequence) {
        boolean isBefore(Place other) {
            return Long.compareUnsigned(lsn, other.lsn) < 0 || (lsn == other.lsn && sequence < other.sequence);
        }
    }

    private static final List<String> METADATA =
            List.of("__op", "__lsn", "__seq", "__snapshot", "__ver", "__deleted", "__ts_ms", "__table");

    private static final int REPORTED = 10;

    private final Map<String, Map<JsonNode, JsonNode>> rows = new HashMap<>();
    private final Map<String, Map<JsonNode, Place>> places = new HashMap<>();
    private final Map<Identity, Integer> seen = new HashMap<>();

    /** The latest place of each partition. */
    private final Map<TopicPartition, Place> furthestPlaces = new HashMap<>();

    /** Partitions that are at what is sent again. */
    private final Set<TopicPartition> sentAgain = new HashSet<>();

    private final List<String> violations = new ArrayList<>();
    private long snapshotRows;
    private long changes;
    private long duplicates;

    /** Applies records that come in the order of their offsets within each partition. */
    public Replay apply(Iterable<ConsumerRecord<byte[], byte[]>> records) {
        records.forEach(this::apply);
        return this;
    }

    /**
     * Applies only what stands before given offsets, such as those of a seam.
     *
     * @param limits by partition, the first offset that is not applied; a partition that is not named is left out
     */
    public Replay applyBefore(Map<TopicPartition, Long> limits, Iterable<ConsumerRecord<byte[], byte[]>> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Long limit = limits.get(new TopicPartition(record.topic(), record.partition()));
            if (limit != null && record.offset() < limit) {
                apply(record);
            }
        }
        return this;
    }

    /**
     * Applies only what shows the source as of an LSN: changes that committed before it, and rows that were copied at an
     * anchor up to it.
     */
    public Replay applyAsOf(Lsn lsn, Iterable<ConsumerRecord<byte[], byte[]>> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.value() != null) {
                JsonNode value = parsed(record, "value", record.value());
                Lsn committed = new Lsn(number(record, value, "__lsn"));
                boolean copied = value.path("__snapshot").asBoolean();
                if (committed.isBefore(lsn) || (copied && committed.equals(lsn))) {
                    apply(record);
                }
            }
        }
        return this;
    }

    /**
     * Applies one record.
     *
     * @throws AssertionError where it is not a flat record with a key
     */
    public void apply(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            // A tombstone follows its delete and says nothing new.
            return;
        }
        JsonNode key = parsed(record, "key", record.key());
        JsonNode value = parsed(record, "value", record.value());
        if (!(value instanceof ObjectNode row)) {
            throw new AssertionError("value is not an object at " + position(record) + ": " + value);
        }
        int operation = Math.toIntExact(number(record, value, "__op"));
        long lsn = number(record, value, "__lsn");
        long sequence = number(record, value, "__seq");
        boolean snapshot = value.path("__snapshot").asBoolean();
        count(record, lsn, sequence, snapshot, operation, key);
        row.remove(METADATA);
        Map<JsonNode, JsonNode> table = rows.computeIfAbsent(record.topic(), topic -> new HashMap<>());
        switch (operation) {
            case 0 -> table.put(key, row);
            case 1 -> table.remove(key);
            default -> throw new AssertionError("__op " + operation + " at " + position(record));
        }
    }

    private void count(
            ConsumerRecord<byte[], byte[]> record,
            long lsn,
            long sequence,
            boolean snapshot,
            int operation,
            JsonNode key) {
        String keyText = new String(record.key(), StandardCharsets.UTF_8);
        Identity identity = new Identity(record.topic(), keyText, lsn, sequence, snapshot, operation);
        boolean repeated = seen.merge(identity, 1, Integer::sum) > 1;
        if (repeated) {
            duplicates++;
        } else if (snapshot) {
            snapshotRows++;
        } else {
            changes++;
        }
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        boolean again = goesThroughAgain(partition, new Place(keyText, partition, lsn, sequence), repeated);
        Map<JsonNode, Place> table = places.computeIfAbsent(record.topic(), topic -> new HashMap<>());
        Place before = table.get(key);
        Place now = new Place(keyText, partition, lsn, sequence);
        if (before == null) {
            table.put(key, now);
            return;
        }
        if (!before.keyText().equals(keyText)) {
            violations.add("key bytes changed from " + before.keyText() + " at " + position(record));
        }
        if (!before.partition().equals(partition)) {
            violations.add("key was in " + before.partition() + " before, at " + position(record));
        }
        if (!now.isBefore(before)) {
            table.put(key, now);
        } else if (!repeated && !again) {
            violations.add("went back from " + before.lsn() + "," + before.sequence() + " at " + position(record));
        }
    }

    /**
     * Whether a partition is at what is sent again. Between records that are repeated there may be one that is new: an update of a
     * row that was not found the first time, when a large value of it had to be read from the table, and is back by now.
     */
    private boolean goesThroughAgain(TopicPartition partition, Place now, boolean repeated) {
        Place furthest = furthestPlaces.get(partition);
        if (furthest == null || furthest.isBefore(now)) {
            furthestPlaces.put(partition, now);
            sentAgain.remove(partition);
        } else if (repeated) {
            sentAgain.add(partition);
        }
        return sentAgain.contains(partition);
    }

    private static long number(ConsumerRecord<byte[], byte[]> record, JsonNode value, String field) {
        JsonNode node = value.path(field);
        if (!node.isIntegralNumber()) {
            throw new AssertionError(field + " is not an integer at " + position(record) + ": " + node);
        }
        return node.longValue();
    }

    private static JsonNode parsed(ConsumerRecord<byte[], byte[]> record, String part, byte @Nullable [] bytes) {
        if (bytes == null) {
            throw new AssertionError("no " + part + " at " + position(record));
        }
        try {
            return ExactJson.READER.readTree(bytes);
        } catch (IOException e) {
            throw new AssertionError(
                    part + " is not JSON at " + position(record) + ": " + new String(bytes, StandardCharsets.UTF_8), e);
        }
    }

    private static String position(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    /** The rows of a topic by key, without the metadata fields; empty where the topic had no record. */
    public Map<JsonNode, JsonNode> rows(String topic) {
        return Collections.unmodifiableMap(rows.getOrDefault(topic, Map.of()));
    }

    /** Removes what a topic said last of its rows before an LSN: the table was truncated there. */
    public void forgetBefore(String topic, Lsn lsn) {
        Map<JsonNode, Place> table = places.getOrDefault(topic, Map.of());
        rows.getOrDefault(topic, new HashMap<>())
                .keySet()
                .removeIf(key -> new Lsn(table.get(key).lsn()).isBefore(lsn));
    }

    /** How many different snapshot rows were applied. */
    public long snapshotRows() {
        return snapshotRows;
    }

    /** How many different changes were applied. */
    public long changes() {
        return changes;
    }

    /** How many records repeated one that was there before: same topic, key, LSN, sequence and kind. */
    public long duplicates() {
        return duplicates;
    }

    /** @throws AssertionError where a key went back in the commit order, or changed its bytes or its partition */
    public void assertConsistent() {
        if (!violations.isEmpty()) {
            throw new AssertionError(violations.size() + " violations:\n"
                    + String.join("\n", violations.subList(0, Math.min(REPORTED, violations.size()))));
        }
    }

    /** @throws AssertionError where a record was there twice */
    public void assertNoDuplicates() {
        if (duplicates > 0) {
            StringBuilder message = new StringBuilder(duplicates + " duplicates:");
            seen.entrySet().stream()
                    .filter(entry -> entry.getValue() > 1)
                    .limit(REPORTED)
                    .forEach(entry -> message.append('\n')
                            .append(entry.getValue())
                            .append(" times ")
                            .append(entry.getKey()));
            throw new AssertionError(message.toString());
        }
    }
}
