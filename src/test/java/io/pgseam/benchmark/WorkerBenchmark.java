package io.pgseam.benchmark;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PluginArchive;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.WorkerSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.util.clusters.EmbeddedKafkaCluster;

/**
 * What benchmarks of a connector run on: a PostgreSQL with a table {@code measured} of 13 columns, a broker, and a distributed worker in a
 * JVM of its own. Variants take turns in it, several rounds, the first of which also warms it up.
 *
 * @param kafka the broker's address
 */
record WorkerBenchmark(TestDatabase database, String kafka, ConnectWorker worker) {

    static final Duration TIMEOUT = Duration.ofMinutes(10);

    /** One variant in one round. */
    @FunctionalInterface
    interface Round {

        /**
         * Measures, and prints.
         *
         * @param prefix name of the connector, and prefix of its topics
         */
        void run(WorkerBenchmark on, String prefix, String variant) throws Exception;
    }

    /**
     * Runs all rounds.
     *
     * @param rows how many rows the table has
     * @param arguments of the program: the third is the number of rounds, and variants follow
     */
    static void run(int rows, String[] arguments, Round round) throws Exception {
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        List<String> variants =
                arguments.length > 3 ? List.of(arguments).subList(3, arguments.length) : List.of(Variant.NONE);
        Path directory = Files.createTempDirectory("pgseam-benchmark-");
        EmbeddedKafkaCluster kafka = new EmbeddedKafkaCluster(1, ConnectCluster.brokerSettings());
        try (PostgresServer server = PostgresServer.start(17);
                TestDatabase database = server.createDatabase()) {
            fill(database, rows);
            kafka.start();
            Path archive = Path.of(System.getProperty("pgseam.plugin.archive"));
            WorkerSetup setup = WorkerSetup.install(kafka.bootstrapServers(), archive, directory, Map.of(), List.of());
            ConnectWorker worker = ConnectWorker.launch(setup, directory, directory.resolve("worker.log"));
            try {
                worker.awaitReady();
                WorkerBenchmark benchmark = new WorkerBenchmark(database, kafka.bootstrapServers(), worker);
                for (int number = 1; number <= rounds; number++) {
                    for (int variant = 0; variant < variants.size(); variant++) {
                        round.run(benchmark, "round" + number + "_" + variant, variants.get(variant));
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

    private static void fill(TestDatabase database, int rows) throws Exception {
        database.execute(
                "CREATE TABLE measured (id bigint PRIMARY KEY, quantity int, amount numeric(12,2), customer text, street text,"
                        + " note text, code varchar(20), paid boolean, created timestamptz, shipped timestamp, due date,"
                        + " token uuid, attributes jsonb)",
                "INSERT INTO measured SELECT i, i % 100, i / 100.0, 'customer ' || i, 'street ' || i % 1000, md5(i::text),"
                        + " 'code' || i % 10000, i % 2 = 0, now() - i * interval '1 second', now(), current_date,"
                        + " gen_random_uuid(), jsonb_build_object('a', i, 'b', 'text ' || i) FROM generate_series(1, "
                        + rows
                        + ") i",
                "VACUUM ANALYZE measured",
                "CHECKPOINT");
    }

    /** Settings of a connector, in a map that the caller may change. */
    Map<String, String> settings(String prefix, String variant) {
        Map<String, String> settings = ConnectorSettings.of(database.connectionSettings(), prefix);
        settings.put("table.include.list", "public\\.measured");
        settings.put("exactly.once.support", "required");
        settings.put("topic.creation.default.partitions", "4");
        Variant.apply(variant, settings);
        return settings;
    }

    /** The control topic of a connector, read up to its seam. */
    ControlTopic awaitSeam(String prefix) {
        ControlTopic control = new ControlTopic(kafka, prefix + ".seam");
        Eventually.holds(prefix + " has reached its seam", TIMEOUT, () -> {
            control.follow();
            return control.has("seam");
        });
        return control;
    }
}
