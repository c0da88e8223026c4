package io.pgseam;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A program that streams one transaction of many rows through a Connect cluster of its own, broker and all, in this JVM: started
 * with a small heap, it shows that no part of the connector holds a transaction whole (I11).
 *
 * <p>Argument: the number of rows. Ends with exit code 0 where every row arrived.
 */
final class LargeTransaction {

    private LargeTransaction() {}

    public static void main(String[] arguments) throws Exception {
        int rows = Integer.parseInt(arguments[0]);
        // The server is a process of its own, so its memory does not count here.
        try (PostgresServer server = PostgresServer.start(18);
                ConnectCluster cluster = ConnectCluster.start(1, Delivery.EXACTLY_ONCE);
                TestDatabase database = server.createDatabase("large_transaction")) {
            database.execute("CREATE TABLE large (id int PRIMARY KEY, note text)");
            try (RunningConnector connector = RunningConnector.create(cluster, database, "large_transaction")) {
                connector.awaitSeam();
                database.execute("INSERT INTO large SELECT i, 'note ' || i FROM generate_series(1, " + rows + ") i");
                awaitEveryRow(cluster, connector, rows);
            }
        }
        System.out.println("large transaction: OK");
        System.exit(0);
    }

    /** Reads record by record: the program itself must not hold them either. */
    private static void awaitEveryRow(ConnectCluster cluster, RunningConnector connector, int rows) {
        String topic = connector.topic("public.large");
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        BitSet seen = new BitSet(rows + 1);
        long[] records = {0};
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Eventually.holds(
                    "the topic exists",
                    RunningConnector.TIMEOUT,
                    () -> cluster.topics().contains(topic));
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList());
            long deadline = System.nanoTime() + Duration.ofMinutes(4).toNanos();
            while (seen.cardinality() < rows) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    records[0]++;
                    seen.set(id(record.key()));
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(
                            seen.cardinality() + " of " + rows + " rows\n" + cluster.status(connector.name()));
                }
            }
        }
        if (records[0] != rows) {
            throw new AssertionError(records[0] + " records for " + rows + " rows");
        }
    }

    /** The number in a key such as {@code {"id":42}}. */
    private static int id(byte[] key) {
        int id = 0;
        for (byte b : key) {
            if (b >= '0' && b <= '9') {
                id = id * 10 + (b - '0');
            }
        }
        return id;
    }
}
