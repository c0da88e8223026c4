package io.pgseam.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics from their beginning to their current end, in as many calls as it takes: each call gives what has come since
 * the call before. Within a partition the records come in the order of their offsets. Belongs to one thread.
 */
public final class TopicReader implements AutoCloseable {

    /** Whether records of open and aborted transactions are read. */
    public enum Isolation {
        READ_COMMITTED,
        READ_UNCOMMITTED
    }

    private static final Duration POLL = Duration.ofMillis(200);

    /** The broker answers requests of a connection one after the other: a fetch that finds nothing holds up the next question, and close. */
    private static final int FETCH_WAIT_MS = 10;

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Set<String> topics;

    private TopicReader(KafkaConsumer<byte[], byte[]> consumer, Set<String> topics) {
        this.consumer = consumer;
        this.topics = topics;
    }

    /** Reads committed records of topics, which need not exist yet. */
    public static TopicReader of(String bootstrapServers, String... topics) {
        return of(bootstrapServers, Isolation.READ_COMMITTED, topics);
    }

    /** Reads topics, which need not exist yet. */
    public static TopicReader of(String bootstrapServers, Isolation isolation, String... topics) {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                isolation == Isolation.READ_COMMITTED ? "read_committed" : "read_uncommitted",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                FETCH_WAIT_MS);
        return new TopicReader(
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                Set.of(topics));
    }

    /** Reads the committed records of a topic once, from its beginning to its current end. */
    public static List<ConsumerRecord<byte[], byte[]>> readAll(String bootstrapServers, String topic) {
        try (TopicReader reader = of(bootstrapServers, topic)) {
            return reader.readToEnd();
        }
    }

    /**
     * Reads on to what is the end at the time of the call. Where only committed records are read, that is the first offset
     * of a transaction that is still open.
     *
     * @return the records since the last call; within a partition in order
     * @throws AssertionError where a minute brings no progress
     */
    public List<ConsumerRecord<byte[], byte[]>> readToEnd() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        readToEnd(records::add);
        return records;
    }

    /**
     * Reads on as {@link #readToEnd()} does, and holds no more records than one poll gives.
     *
     * @param visitor is given the records since the last call; within a partition in order
     * @throws AssertionError where a minute brings no progress
     */
    public void readToEnd(Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        Map<TopicPartition, Long> ends = assignAll();
        long lastProgress = System.nanoTime();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            polled.forEach(visitor);
            if (!polled.isEmpty()) {
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > TIMEOUT.toNanos()) {
                throw new AssertionError("no record in " + TIMEOUT.toSeconds() + " s before the end: ends " + ends
                        + ", positions " + positions(ends.keySet()));
            }
        }
    }

    /** The offsets after the last record that this reader may read, by partition. */
    public Map<TopicPartition, Long> endOffsets() {
        return assignAll();
    }

    /** Assigns all partitions that exist by now; those that were there keep their positions. */
    private Map<TopicPartition, Long> assignAll() {
        Set<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
                .filter(topic -> topics.contains(topic.getKey()))
                .flatMap(topic -> topic.getValue().stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .collect(Collectors.toSet());
        if (!consumer.assignment().equals(partitions)) {
            consumer.assign(partitions);
        }
        return consumer.endOffsets(partitions);
    }

    private Map<TopicPartition, Long> positions(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
        return positions;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
