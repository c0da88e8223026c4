package io.pgseam.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.TopicReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Follows a connector's control topic. Belongs to one thread; what was read can be asked for by any. */
final class ControlLog implements AutoCloseable {

    private final TopicReader reader;
    private final List<JsonNode> records = new ArrayList<>();

    ControlLog(String bootstrapServers, String topic) {
        this.reader = TopicReader.of(bootstrapServers, topic);
    }

    /**
     * Reads to the end of what is committed.
     *
     * @param news is given each new record
     */
    void follow(Consumer<JsonNode> news) {
        reader.readToEnd((ConsumerRecord<byte[], byte[]> record) -> {
            JsonNode value = parsed(record);
            synchronized (records) {
                records.add(value);
            }
            news.accept(value);
        });
    }

    private static JsonNode parsed(ConsumerRecord<byte[], byte[]> record) {
        try {
            return ExactJson.READER.readTree(record.value());
        } catch (IOException e) {
            throw new IllegalStateException("no JSON on the control topic at offset " + record.offset(), e);
        }
    }

    /** The records of this type that were read so far. */
    List<JsonNode> ofType(String type) {
        synchronized (records) {
            return records.stream()
                    .filter(value -> value.path("type").asText().equals(type))
                    .toList();
        }
    }

    boolean has(String type) {
        return !ofType(type).isEmpty();
    }

    @Override
    public void close() {
        reader.close();
    }
}
