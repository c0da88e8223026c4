package io.pgseam.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.util.clusters.EmbeddedKafkaCluster;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/**
 * How fast a table of 13 columns is copied, and what that costs the worker: rows/s and processor time a row of a distributed
 * worker in a JVM of its own, beside one session that reads the same table by COPY and throws it away. Several rounds in one
 * worker, the first of which also warms it up. Arguments: rows, tasks, rounds, and variants that take turns: each is a list of settings
 * {@code name=value} with commas, or {@code -}.
 */
public final class CopyBenchmark {

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private CopyBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2_000_000;
        int tasks = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
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
                for (int round = 1; round <= rounds; round++) {
                    for (int variant = 0; variant < variants.size(); variant++) {
                        String prefix = "round" + round + "_" + variant;
                        round(prefix, variants.get(variant), rows, tasks, database, kafka, worker);
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
            int rows,
            int tasks,
            TestDatabase database,
            EmbeddedKafkaCluster kafka,
            ConnectWorker worker)
            throws Exception {
        double raw = rawCopySeconds(database);
        Duration cpuBefore = worker.cpuTime();
        ConnectorClient connector = new ConnectorClient(worker.rest(), prefix);
        connector.configure(settings(database, prefix, tasks, variant));
        double seconds;
        try (ControlTopic control = new ControlTopic(kafka.bootstrapServers(), prefix + ".seam")) {
            Eventually.holds(prefix + " has reached its seam", TIMEOUT, () -> {
                control.follow();
                return control.has("seam");
            });
            if (last(control, "seam").path("rows").asLong() != rows) {
                throw new IllegalStateException("not every row was copied: " + last(control, "seam"));
            }
            seconds = (last(control, "chunk").path("ts_ms").asLong()
                            - last(control, "anchor").path("ts_ms").asLong())
                    / 1e3;
        }
        Duration cpu = worker.cpuTime().minus(cpuBefore);
        System.out.printf(
                "%s (%s): %d rows, %d tasks: %.1f s, %.0f rows/s, worker %.2f us of processor time a row;"
                        + " raw COPY in one session %.1f s, %.0f rows/s (ratio of wall times %.2f)%n",
                prefix,
                variant,
                rows,
                tasks,
                seconds,
                rows / seconds,
                cpu.toNanos() / 1e3 / rows,
                raw,
                rows / raw,
                seconds / raw);
        connector.delete();
    }

    private static double rawCopySeconds(TestDatabase database) throws Exception {
        try (Connection connection = database.connect()) {
            long start = System.nanoTime();
            CopyOut copy = connection.unwrap(PgConnection.class).getCopyAPI().copyOut("COPY measured TO STDOUT");
            long bytes = 0;
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                bytes += line.length;
            }
            if (bytes == 0) {
                throw new IllegalStateException("nothing was copied");
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** The last record of this type. */
    private static JsonNode last(ControlTopic control, String type) {
        List<JsonNode> records = control.ofType(type);
        return records.get(records.size() - 1);
    }

    static void fill(TestDatabase database, int rows) throws Exception {
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

    private static Map<String, String> settings(TestDatabase database, String prefix, int tasks, String variant) {
        Map<String, String> settings = ConnectorSettings.of(database.connectionSettings(), prefix);
        settings.put("tasks.max", String.valueOf(tasks));
        settings.put("table.include.list", "public\\.measured");
        settings.put("exactly.once.support", "required");
        settings.put("topic.creation.default.partitions", "4");
        Variant.apply(variant, settings);
        return settings;
    }
}
