package io.pgseam.tool.verify;

import io.pgseam.tool.topic.CommittedRecords;
import io.pgseam.tool.topic.KafkaFailures;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads committed messages of one partition after the other. Not for several threads. */
public final class PartitionReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final int FETCH_BYTES = 8 << 20;

    private final KafkaFailures failures;
    private final KafkaConsumer<byte[], byte[]> consumer;

    /** @param clientProperties properties of Kafka's clients */
    public PartitionReader(Map<String, Object> clientProperties) {
        this.failures = new KafkaFailures(clientProperties);
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        this.consumer = CommittedRecords.consumer(
                properties,
                Map.of(
                        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                        FETCH_BYTES,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5_000));
    }

    /**
     * Reads the messages whose offsets are in {@code [from, to)}.
     *
     * @param messages takes each of them
     * @param progress is told now and then how many offsets are behind
     * @throws io.pgseam.tool.outcome.CommandFailure if Kafka does not answer, or has removed messages meanwhile
     */
    public void read(
            TopicPartition partition,
            long from,
            long to,
            Consumer<ConsumerRecord<byte[], byte[]>> messages,
            LongConsumer progress) {
        try {
            consumer.assign(List.of(partition));
            consumer.seek(partition, from);
            long position = from;
            while (position < to) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> message : records) {
                    if (message.offset() < to) {
                        messages.accept(message);
                    }
                }
                long reached = Math.min(to, consumer.position(partition));
                progress.accept(reached - position);
                position = reached;
            }
        } catch (KafkaException e) {
            throw failures.of(e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
