package io.pgseam.tool.topic;

import io.pgseam.tool.outcome.CommandFailure;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * The offset of the last record of each partition. The end of a partition does not say it: a transaction ends with a marker, which has
 * an offset, and which no consumer is given.
 */
public final class LastRecords {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final long FIRST_STEP = 4;

    private final KafkaFailures failures;
    private final Map<String, Object> clientProperties;

    /** @param clientProperties properties of Kafka's clients */
    public LastRecords(Map<String, Object> clientProperties) {
        this.failures = new KafkaFailures(clientProperties);
        this.clientProperties = Map.copyOf(clientProperties);
    }

    /**
     * Looks at the committed records that these topics have now.
     *
     * @return by topic and partition; partitions without a record, and topics that do not exist, are left out
     * @throws CommandFailure if Kafka does not answer
     */
    public Map<String, SortedMap<Integer, Long>> of(Collection<String> topics) {
        Map<String, SortedMap<Integer, Long>> last = new TreeMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = CommittedRecords.consumer(clientProperties, Map.of())) {
            Map<String, ?> existing = consumer.listTopics();
            for (String topic : topics) {
                if (existing.containsKey(topic)) {
                    SortedMap<Integer, Long> offsets = new TreeMap<>();
                    consumer.partitionsFor(topic).forEach(partition -> {
                        long offset = last(consumer, new TopicPartition(topic, partition.partition()));
                        if (offset >= 0) {
                            offsets.put(partition.partition(), offset);
                        }
                    });
                    last.put(topic, offsets);
                }
            }
            return last;
        } catch (KafkaException e) {
            throw failures.of(e);
        }
    }

    /** Reads from further and further before the end until a record is found; -1 if there is none. */
    private static long last(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        List<TopicPartition> one = List.of(partition);
        long beginning = consumer.beginningOffsets(one).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(one).getOrDefault(partition, 0L);
        consumer.assign(one);
        for (long step = FIRST_STEP, from = end; from > beginning; step *= 2) {
            from = Math.max(beginning, end - step);
            long last = -1;
            consumer.seek(partition, from);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() < end) {
                        last = record.offset();
                    }
                }
            }
            if (last >= 0) {
                return last;
            }
        }
        return -1;
    }
}
