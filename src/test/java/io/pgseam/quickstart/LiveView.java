package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ExactJson;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer that watches changes arrive, from the end of the topics on. */
final class LiveView implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private long upserts;
    private long deletes;
    private long lagMs;

    LiveView(String bootstrapServers, List<SourceTable> tables) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.listTopics().values().stream()
                .flatMap(List::stream)
                .filter(partition ->
                        tables.stream().anyMatch(table -> table.topic().equals(partition.topic())))
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    /** Watches for a while, then says what came. */
    void watch(Console console, Duration duration) {
        upserts = 0;
        deletes = 0;
        lagMs = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < duration.toNanos()) {
            consumer.poll(POLL).forEach(this::see);
        }
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        console.say(
                "live: %,d upserts and %,d deletes, %,.0f changes/s, at most %,d ms from commit to consumer",
                upserts, deletes, (upserts + deletes) / seconds, lagMs);
    }

    private void see(ConsumerRecord<byte[], byte[]> record) {
        try {
            JsonNode value = ExactJson.READER.readTree(record.value());
            if (value.path("__op").intValue() == 1) {
                deletes++;
            } else {
                upserts++;
            }
            lagMs = Math.max(
                    lagMs, System.currentTimeMillis() - value.path("__ts_ms").longValue());
        } catch (IOException e) {
            throw new IllegalStateException("no JSON in " + record.topic() + " at offset " + record.offset(), e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
