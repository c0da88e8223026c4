package io.pgseam.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.phase.StreamPosition;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Follows the topic in which workers commit source offsets, with one consumer. A test asks many times for a position; Connect's REST
 * interface opens three clients of Kafka for each answer.
 */
final class OffsetTopic implements AutoCloseable {

    private final TopicReader reader;

    /** The committed offsets, by partition: both as Connect writes them. */
    private final Map<String, byte[]> offsets = new HashMap<>();

    OffsetTopic(String bootstrapServers, String topic) {
        this.reader = TopicReader.of(bootstrapServers, topic);
    }

    /** The committed position of a connector's stream; null before the first. */
    synchronized @Nullable StreamPosition streamPosition(String connector) {
        reader.readToEnd(this::take);
        String prefix = "[\"" + connector + "\",{\"server\":";
        for (Map.Entry<String, byte[]> entry : offsets.entrySet()) {
            if (entry.getKey().startsWith(prefix)) {
                JsonNode partition =
                        ExactJson.of(entry.getKey().getBytes(UTF_8)).path(1);
                if (ConnectorClient.isOfStream(partition)) {
                    return ConnectorClient.position(ExactJson.of(entry.getValue()));
                }
            }
        }
        return null;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        String partition = new String(record.key(), UTF_8);
        if (record.value() == null) {
            offsets.remove(partition);
        } else {
            offsets.put(partition, record.value());
        }
    }

    @Override
    public synchronized void close() {
        reader.close();
    }
}
