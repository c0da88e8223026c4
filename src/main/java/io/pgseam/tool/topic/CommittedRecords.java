package io.pgseam.tool.topic;

import io.pgseam.tool.outcome.CommandFailure;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Consumers of committed records, which belong to no group and create no topic. */
public final class CommittedRecords {

    /**
     * A broker answers the requests of a connection one after the other, so a fetch that finds nothing holds up the next question, the
     * next partition, and the end of the consumer: half a second by default.
     */
    private static final int FETCH_WAIT_MS = 20;

    private CommittedRecords() {}

    /**
     * Makes a consumer, which the caller assigns its partitions and closes.
     *
     * @param clientProperties properties of Kafka's clients
     * @param defaults values of properties that the client properties leave out
     * @throws CommandFailure if the properties are no good
     */
    public static KafkaConsumer<byte[], byte[]> consumer(
            Map<String, Object> clientProperties, Map<String, Object> defaults) {
        Map<String, Object> properties = new HashMap<>(defaults);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, KafkaFailures.TIMEOUT_MS);
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, KafkaFailures.TIMEOUT_MS);
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
        properties.putAll(clientProperties);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try {
            return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw new KafkaFailures(clientProperties).of(e);
        }
    }
}
