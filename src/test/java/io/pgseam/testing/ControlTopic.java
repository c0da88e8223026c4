package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Follows a connector's control topic with one consumer, which reads each record once. Any thread may ask for what was read;
 * calls of {@link #follow} wait for each other.
 */
public final class ControlTopic implements AutoCloseable {

    private final TopicReader reader;
    private final List<JsonNode> records = new ArrayList<>();

    /**
     * @param topic name of the control topic, which need not exist yet
     */
    public ControlTopic(String bootstrapServers, String topic) {
        this.reader = TopicReader.of(bootstrapServers, topic);
    }

    /** Reads to the current end of what is committed. */
    public void follow() {
        follow(record -> {});
    }

    /**
     * Reads to the current end of what is committed.
     *
     * @param news is given each new record
     */
    public void follow(Consumer<JsonNode> news) {
        synchronized (reader) {
            reader.readToEnd((ConsumerRecord<byte[], byte[]> record) -> {
                JsonNode value = parsed(record);
                synchronized (records) {
                    records.add(value);
                }
                news.accept(value);
            });
        }
    }

    private static JsonNode parsed(ConsumerRecord<byte[], byte[]> record) {
        if (record.partition() != 0) {
            throw new IllegalStateException("a record of the control topic is in partition " + record.partition());
        }
        try {
            return content(ExactJson.READER.readTree(record.value()));
        } catch (IOException e) {
            throw new IllegalStateException("no JSON on the control topic at offset " + record.offset(), e);
        }
    }

    /** With Debezium's format the record may be a string that holds JSON; JsonConverter writes it with or without its schema. */
    private static JsonNode content(JsonNode converted) throws IOException {
        JsonNode value = converted.has("payload") ? converted.path("payload") : converted;
        return value.isTextual() ? ExactJson.READER.readTree(value.asText()) : value;
    }

    /** The records of this type that were read so far. */
    public List<JsonNode> ofType(String type) {
        synchronized (records) {
            return records.stream()
                    .filter(value -> value.path("type").asText().equals(type))
                    .toList();
        }
    }

    /** Whether a record of this type was read so far. */
    public boolean has(String type) {
        return !ofType(type).isEmpty();
    }

    /**
     * Where a {@code seam} record says that the copied rows of a topic end: by partition, the offset from which only changes follow;
     * without the partitions that have no copied row.
     */
    public static Map<TopicPartition, Long> changesFrom(JsonNode seam, String topic) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        seam.path("topics")
                .path(topic)
                .properties()
                .forEach(partition -> offsets.put(
                        new TopicPartition(topic, Integer.parseInt(partition.getKey())),
                        partition.getValue().path("changes_from").asLong()));
        return offsets;
    }

    @Override
    public void close() {
        synchronized (reader) {
            reader.close();
        }
    }
}
