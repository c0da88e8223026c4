package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.FlatRecord.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What a consumer has that applies the flat records of topics by key: upserts replace, deletes remove.
 *
 * <p>On the way it checks what holds for each key whatever the workers did: its records stand in commit order (I4), where a
 * repetition of a record that was there before is allowed and counted; and its key bytes and its partition never change
 * (I7). Violations are collected; {@link #assertConsistent} reports them.
 */
public final class Replay {

    /** One record as the source names it; the same twice is a duplicate. */
    private record Identity(String topic, String key, Place place, boolean snapshot, boolean deleted) {}

    /** The latest record of a key. */
    private record Latest(String keyText, TopicPartition partition, Place place) {}

    private static final int REPORTED = 10;

    private final Map<String, Map<JsonNode, JsonNode>> rows = new HashMap<>();
    private final Map<String, Map<JsonNode, Latest>> latest = new HashMap<>();
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
                FlatRecord flat = FlatRecord.of(record);
                Lsn committed = flat.place().lsn();
                if (committed.isBefore(lsn) || (flat.snapshot() && committed.equals(lsn))) {
                    apply(flat);
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
        apply(FlatRecord.of(record));
    }

    private void apply(FlatRecord record) {
        String topic = record.partition().topic();
        count(record, topic);
        Map<JsonNode, JsonNode> table = rows.computeIfAbsent(topic, name -> new HashMap<>());
        if (record.deleted()) {
            table.remove(record.key());
        } else {
            table.put(record.key(), record.columns());
        }
    }

    private void count(FlatRecord record, String topic) {
        Identity identity = new Identity(topic, record.keyText(), record.place(), record.snapshot(), record.deleted());
        boolean repeated = seen.merge(identity, 1, Integer::sum) > 1;
        if (repeated) {
            duplicates++;
        } else if (record.snapshot()) {
            snapshotRows++;
        } else {
            changes++;
        }
        boolean again = goesThroughAgain(record.partition(), record.place(), repeated);
        Map<JsonNode, Latest> table = latest.computeIfAbsent(topic, name -> new HashMap<>());
        Latest now = new Latest(record.keyText(), record.partition(), record.place());
        Latest before = table.putIfAbsent(record.key(), now);
        if (before == null) {
            return;
        }
        if (!before.keyText().equals(now.keyText())) {
            violations.add("key bytes changed from " + before.keyText() + " at " + record.position());
        }
        if (!before.partition().equals(now.partition())) {
            violations.add("key was in " + before.partition() + " before, at " + record.position());
        }
        if (now.place().compareTo(before.place()) >= 0) {
            table.put(record.key(), now);
        } else if (!repeated && !again) {
            violations.add("went back from " + before.place().lsn() + ","
                    + before.place().sequence() + " at " + record.position());
        }
    }

    /**
     * Whether a partition is at what is sent again. Between records that are repeated there may be one that is new: an update of a
     * row that was not found the first time, when a large value of it had to be read from the table, and is back by now.
     */
    private boolean goesThroughAgain(TopicPartition partition, Place now, boolean repeated) {
        Place furthest = furthestPlaces.get(partition);
        if (furthest == null || furthest.compareTo(now) < 0) {
            furthestPlaces.put(partition, now);
            sentAgain.remove(partition);
        } else if (repeated) {
            sentAgain.add(partition);
        }
        return sentAgain.contains(partition);
    }

    /** The rows of a topic by key, without the metadata fields; empty where the topic had no record. */
    public Map<JsonNode, JsonNode> rows(String topic) {
        return Collections.unmodifiableMap(rows.getOrDefault(topic, Map.of()));
    }

    /** Removes what a topic said last of its rows before an LSN: the table was truncated there. */
    public void forgetBefore(String topic, Lsn lsn) {
        Map<JsonNode, Latest> table = latest.getOrDefault(topic, Map.of());
        rows.getOrDefault(topic, new HashMap<>())
                .keySet()
                .removeIf(key -> table.get(key).place().lsn().isBefore(lsn));
    }

    /** Removes the rows that a {@code truncate} record of the control topic says are gone. */
    public void forgetTruncated(JsonNode truncate) {
        String topic = truncate.path("topic").asText();
        Place place = new Place(
                Lsn.parse(truncate.path("lsn").asText()),
                truncate.path("after_seq").asLong());
        Map<JsonNode, Latest> table = latest.getOrDefault(topic, Map.of());
        rows.getOrDefault(topic, new HashMap<>())
                .keySet()
                .removeIf(key -> table.get(key).place().compareTo(place) <= 0);
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
