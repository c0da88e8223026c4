package io.pgseam.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.TopicReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Copies of a connector's topics under another prefix, in which a test deletes, alters and adds messages by hand. */
final class TamperedTopics {

    /** A message of a table's topic. */
    static final class Message {

        private final int partition;
        private final byte @Nullable [] key;
        private final byte[] value;

        private Message(int partition, byte @Nullable [] key, byte[] value) {
            this.partition = partition;
            this.key = key;
            this.value = value;
        }

        String text() {
            return new String(value, UTF_8);
        }

        Message withValue(String other) {
            return new Message(partition, key, other.getBytes(UTF_8));
        }

        Message inPartition(int other) {
            return new Message(other, key, value);
        }
    }

    private static final AtomicInteger COPIES = new AtomicInteger();
    private static final int PARTITIONS = 3;

    private final ConnectCluster cluster;
    private final String prefix;
    private final Set<String> tables;
    private final Map<String, List<Message>> read = new HashMap<>();

    /**
     * @param prefix {@code topic.prefix} of the connector
     * @param tables its tables, as topics name them
     */
    TamperedTopics(ConnectCluster cluster, String prefix, Set<String> tables) {
        this.cluster = cluster;
        this.prefix = prefix;
        this.tables = tables;
    }

    /**
     * Copies all topics.
     *
     * @param tampered the table whose messages are altered
     * @param hand what is done with them; they are in the order of their partitions and offsets
     * @param keeps which records of the control topic are copied, by their JSON
     * @return {@code topic.prefix} of the copy
     */
    String copy(String tampered, UnaryOperator<List<Message>> hand, Predicate<String> keeps) {
        String copy = prefix + "-copy" + COPIES.incrementAndGet();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (String table : tables) {
                cluster.createTopic(copy + "." + table, PARTITIONS);
                List<Message> messages = read(table);
                (table.equals(tampered) ? hand.apply(messages) : messages)
                        .forEach(message -> producer.send(new ProducerRecord<>(
                                copy + "." + table, message.partition, message.key, message.value)));
            }
            copyControlTopic(copy, keeps, producer);
            producer.flush();
        }
        return copy;
    }

    private void copyControlTopic(String copy, Predicate<String> keeps, KafkaProducer<byte[], byte[]> producer) {
        cluster.createTopic(copy + ".seam", 1);
        for (ConsumerRecord<byte[], byte[]> record :
                TopicReader.readAll(cluster.bootstrapServers(), prefix + ".seam")) {
            String value = new String(record.value(), UTF_8).replace("\"" + prefix + ".", "\"" + copy + ".");
            if (keeps.test(value)) {
                producer.send(new ProducerRecord<>(copy + ".seam", record.key(), value.getBytes(UTF_8)));
            }
        }
    }

    private List<Message> read(String table) {
        return new ArrayList<>(read.computeIfAbsent(table, this::readAll));
    }

    private List<Message> readAll(String table) {
        return TopicReader.readAll(cluster.bootstrapServers(), prefix + "." + table).stream()
                .sorted((one, other) -> one.partition() != other.partition()
                        ? Integer.compare(one.partition(), other.partition())
                        : Long.compare(one.offset(), other.offset()))
                .map(record -> new Message(record.partition(), record.key(), record.value()))
                .toList();
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers(), "max.in.flight.requests.per.connection", 1),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
