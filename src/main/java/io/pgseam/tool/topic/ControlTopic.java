package io.pgseam.tool.topic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Reads a control topic from its beginning, and what is added to it since. Not for several threads. */
public final class ControlTopic implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String topic;
    private final KafkaFailures failures;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ConnectorLog log = new ConnectorLog();

    /**
     * @param clientProperties properties of Kafka's clients
     * @param topic name of the control topic
     */
    public ControlTopic(Map<String, Object> clientProperties, String topic) {
        this.topic = topic;
        this.failures = new KafkaFailures(clientProperties);
        this.consumer = CommittedRecords.consumer(clientProperties, Map.of());
    }

    /**
     * Reads up to the end that the topic has now.
     *
     * @return everything that is known by now; empty of records if there is no such topic yet
     * @throws CommandFailure if Kafka does not answer, or a record is not JSON
     */
    public ConnectorLog read() {
        follow((key, value) -> log.take(value));
        return log;
    }

    /**
     * Reads what has been added since the last call, up to the end that the topic has now.
     *
     * @param taker takes key and value of each record
     * @return whether there is such a topic
     * @throws CommandFailure if Kafka does not answer, or a record is not JSON
     */
    public boolean follow(BiConsumer<JsonNode, JsonNode> taker) {
        try {
            if (consumer.assignment().isEmpty() && !begin()) {
                return false;
            }
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    take(record, taker);
                }
            }
            return true;
        } catch (KafkaException e) {
            throw failures.of(e);
        }
    }

    private boolean begin() {
        List<PartitionInfo> partitions = consumer.listTopics().get(topic);
        if (partitions == null) {
            return false;
        }
        consumer.assign(partitions.stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList());
        consumer.seekToBeginning(consumer.assignment());
        return true;
    }

    private void take(ConsumerRecord<byte[], byte[]> record, BiConsumer<JsonNode, JsonNode> taker) {
        if (record.value() == null || record.key() == null) {
            return;
        }
        try {
            taker.accept(unwrapped(JSON.readTree(record.key())), unwrapped(JSON.readTree(record.value())));
        } catch (IOException e) {
            throw new CommandFailure(
                    "the record of " + topic + " at partition " + record.partition() + ", offset " + record.offset()
                            + " is not JSON: is " + topic + " the control topic of this connector, and its converter"
                            + " ByteArrayConverter or JsonConverter?",
                    e);
        }
    }

    /** With Debezium's format the JSON is in a string, which JsonConverter writes with its schema or without. */
    private static JsonNode unwrapped(JsonNode converted) throws IOException {
        JsonNode value = converted.has("payload") ? converted.path("payload") : converted;
        return value.isTextual() ? JSON.readTree(value.asText()) : value;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
