package io.pgseam.benchmark;

import io.pgseam.RunningConnector;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How long a consumer of committed records waits on an exactly-once worker: for the first row after a connector is created on a
 * small database, and between the last row and the first change, while a session keeps writing. Prints each round and the
 * medians. Argument: rounds.
 */
public final class StartBenchmark {

    private static final int ROWS = 1_000;
    private static final long WRITE_EVERY_MS = 5;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private StartBenchmark() {}

    private record Round(long firstRowMs, long firstChangeMs) {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
        try (PostgresServer server = PostgresServer.start(18);
                ConnectCluster cluster = ConnectCluster.start(1, Delivery.EXACTLY_ONCE)) {
            // Classes are loaded and compiled by a round that does not count.
            round(server, cluster, 0);
            List<Round> results = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                Round result = round(server, cluster, round);
                System.out.printf(
                        "round %d: first row after %d ms, first change %d ms after the last row%n",
                        round, result.firstRowMs(), result.firstChangeMs());
                results.add(result);
            }
            System.out.printf(
                    "medians of %d: first row after %d ms, first change %d ms after the last row%n",
                    rounds,
                    median(results.stream().map(Round::firstRowMs).toList()),
                    median(results.stream().map(Round::firstChangeMs).toList()));
        }
    }

    private static long median(List<Long> values) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static Round round(PostgresServer server, ConnectCluster cluster, int round) throws Exception {
        try (TestDatabase database = server.createDatabase();
                Writer writer = new Writer(database)) {
            database.execute(
                    "CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)",
                    "INSERT INTO item (note) SELECT 'row' FROM generate_series(1, " + ROWS + ")");
            String topic = database.name() + ".public.item";
            cluster.createTopic(topic, 1);
            try (KafkaConsumer<byte[], byte[]> consumer = consumer(cluster, topic)) {
                writer.start();
                long created = System.nanoTime();
                try (RunningConnector connector =
                        RunningConnector.create(cluster, database, "start_" + round, "heartbeat.interval.ms=0")) {
                    return follow(consumer, created);
                }
            }
        }
    }

    private static Round follow(KafkaConsumer<byte[], byte[]> consumer, long created) {
        long firstRow = 0;
        long lastRow = 0;
        while (System.nanoTime() - created < TIMEOUT.toNanos()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(10))) {
                long now = System.nanoTime();
                boolean copied = new String(record.value(), StandardCharsets.UTF_8).contains("\"__snapshot\":true");
                if (!copied) {
                    return new Round(
                            TimeUnit.NANOSECONDS.toMillis(firstRow - created),
                            TimeUnit.NANOSECONDS.toMillis(now - lastRow));
                }
                firstRow = firstRow == 0 ? now : firstRow;
                lastRow = now;
            }
        }
        throw new AssertionError("no change arrived within " + TIMEOUT);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(ConnectCluster cluster, String topic) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        cluster.bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /** Inserts rows all the time, so that there is a change as soon as changes are streamed. */
    private static final class Writer implements AutoCloseable {
        private final TestDatabase database;
        private final Thread thread = new Thread(this::run, "start-benchmark-writer");
        private volatile boolean stopped;

        Writer(TestDatabase database) {
            this.database = database;
        }

        void start() {
            thread.start();
        }

        private void run() {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                while (!stopped) {
                    statement.execute("INSERT INTO item (note) VALUES ('change')");
                    Thread.sleep(WRITE_EVERY_MS);
                }
            } catch (SQLException | InterruptedException e) {
                throw new AssertionError("the writer stopped", e);
            }
        }

        @Override
        public void close() throws InterruptedException {
            stopped = true;
            thread.join();
        }
    }
}
