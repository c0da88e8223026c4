package io.pgseam.benchmark;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PluginArchive;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.WorkerSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.util.clusters.EmbeddedKafkaCluster;

/**
 * How fast updates of a table of 13 columns are streamed, and what that costs the worker. The updates are made while the connector is
 * stopped, so it reads as fast as it can. Arguments: updates, updates in a transaction, rounds, and variants as of {@link CopyBenchmark}.
 */
public final class StreamBenchmark {

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private StreamBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int updates = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        int inTransaction = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        List<String> variants =
                arguments.length > 3 ? List.of(arguments).subList(3, arguments.length) : List.of(Variant.NONE);
        Path directory = Files.createTempDirectory("pgseam-benchmark-");
        EmbeddedKafkaCluster kafka = new EmbeddedKafkaCluster(1, ConnectCluster.brokerSettings());
        try (PostgresServer server = PostgresServer.start(17);
                TestDatabase database = server.createDatabase()) {
            CopyBenchmark.fill(database, 10 * inTransaction);
            kafka.start();
            Path archive = Path.of(System.getProperty("pgseam.plugin.archive"));
            WorkerSetup setup = WorkerSetup.install(kafka.bootstrapServers(), archive, directory, Map.of(), List.of());
            ConnectWorker worker = ConnectWorker.launch(setup, directory, directory.resolve("worker.log"));
            try {
                worker.awaitReady();
                for (int round = 1; round <= rounds; round++) {
                    for (int variant = 0; variant < variants.size(); variant++) {
                        String prefix = "round" + round + "_" + variant;
                        ConnectorClient connector = new ConnectorClient(worker.rest(), prefix);
                        connector.configure(settings(database, prefix, variants.get(variant)));
                        try (ControlTopic control = new ControlTopic(kafka.bootstrapServers(), prefix + ".seam")) {
                            Eventually.holds(prefix + " streams", TIMEOUT, () -> {
                                control.follow();
                                return control.has("seam");
                            });
                        }
                        round(prefix, variants.get(variant), updates, inTransaction, database, worker, connector);
                        connector.delete();
                        database.server()
                                .execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                                        + " WHERE NOT active");
                    }
                }
            } finally {
                worker.stop();
            }
        } finally {
            kafka.stop();
            PluginArchive.delete(directory);
        }
    }

    private static void round(
            String prefix,
            String variant,
            int updates,
            int inTransaction,
            TestDatabase database,
            ConnectWorker worker,
            ConnectorClient connector)
            throws Exception {
        connector.stop();
        update(database, updates, inTransaction);
        Lsn end = database.now();
        Duration cpuBefore = worker.cpuTime();
        long start = System.nanoTime();
        connector.resume();
        Eventually.holds(prefix + " has caught up", TIMEOUT, () -> {
            StreamPosition position = connector.position();
            return position != null && !position.readFrom().isBefore(end);
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        Duration cpu = worker.cpuTime().minus(cpuBefore);
        System.out.printf(
                "%s (%s): %d updates in transactions of %d: %.1f s, %.0f updates/s, worker %.2f us of processor time an update%n",
                prefix, variant, updates, inTransaction, seconds, updates / seconds, cpu.toNanos() / 1e3 / updates);
    }

    private static void update(TestDatabase database, int updates, int inTransaction) throws Exception {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(
                        "UPDATE measured SET quantity = quantity + 1 WHERE id BETWEEN ? AND ?")) {
            for (int done = 0; done < updates; done += inTransaction) {
                long first = 1 + done % (10L * inTransaction);
                statement.setLong(1, first);
                statement.setLong(2, first + inTransaction - 1);
                statement.executeUpdate();
            }
        }
    }

    private static Map<String, String> settings(TestDatabase database, String prefix, String variant) {
        Map<String, String> settings = ConnectorSettings.of(database.connectionSettings(), prefix);
        settings.put("table.include.list", "public\\.measured");
        settings.put("exactly.once.support", "required");
        settings.put("topic.creation.default.partitions", "4");
        Variant.apply(variant, settings);
        return settings;
    }
}
