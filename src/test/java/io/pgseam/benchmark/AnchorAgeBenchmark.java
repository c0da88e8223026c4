package io.pgseam.benchmark;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a long copy under heavy writes costs the source, with one anchor and with {@code snapshot.anchor.max.age.ms}: the WAL that
 * the slot retains, and the age of the oldest snapshot, every quarter of a second until the seam. Arguments: rows, the greatest
 * age in ms, the file for the plot. A table of the figures goes beside the plot.
 */
public final class AnchorAgeBenchmark {

    private static final long SAMPLE_MS = 250;
    private static final String SAMPLE = "SELECT coalesce((SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)"
            + " FROM pg_replication_slots WHERE database = current_database() AND NOT temporary), 0),"
            + " coalesce((SELECT max(extract(epoch FROM clock_timestamp() - xact_start)) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND application_name LIKE 'pgseam%' AND backend_xmin IS NOT NULL), 0)";

    private AnchorAgeBenchmark() {}

    /**
     * One look at the source.
     *
     * @param seconds since the connector was created
     * @param retainedBytes WAL that the slot retains
     * @param snapshotSeconds age of the oldest snapshot that the connector holds
     */
    record Sample(double seconds, double retainedBytes, double snapshotSeconds) {}

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        String age = arguments.length > 1 ? arguments[1] : "10000";
        Path plot = Path.of(arguments.length > 2 ? arguments[2] : "target/anchor-age.svg");
        Map<String, List<Sample>> runs = new LinkedHashMap<>();
        runs.put("one anchor", run(rows, "0"));
        runs.put("snapshot.anchor.max.age.ms=" + age, run(rows, age));
        StringBuilder table = new StringBuilder("run,seconds,retained_wal_bytes,oldest_snapshot_seconds\n");
        runs.forEach((run, samples) -> {
            for (Sample sample : samples) {
                table.append(String.format(
                        Locale.ROOT,
                        "%s,%.2f,%.0f,%.2f%n",
                        run,
                        sample.seconds(),
                        sample.retainedBytes(),
                        sample.snapshotSeconds()));
            }
            System.out.printf(
                    "%s: %.0f s, at most %.1f MB of WAL retained, oldest snapshot %.1f s%n",
                    run,
                    samples.get(samples.size() - 1).seconds(),
                    samples.stream().mapToDouble(Sample::retainedBytes).max().orElse(0) / 1e6,
                    samples.stream().mapToDouble(Sample::snapshotSeconds).max().orElse(0));
        });
        Files.writeString(plot, new AnchorAgePlot(runs).svg());
        Files.writeString(plot.resolveSibling(plot.getFileName().toString().replace(".svg", ".csv")), table);
        System.exit(0);
    }

    private static List<Sample> run(int rows, String age) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        AtomicBoolean over = new AtomicBoolean();
        try (PostgresServer server = PostgresServer.start(17);
                TestDatabase database = server.createDatabase()) {
            fill(database, rows);
            Thread writer = new Thread(() -> write(database, over), "writer");
            writer.start();
            String name = "age" + age;
            cluster.configure(name, settings(database, name, age));
            try {
                return sampled(database, cluster, name);
            } finally {
                over.set(true);
                writer.join();
                cluster.delete(name);
            }
        }
    }

    private static List<Sample> sampled(TestDatabase database, ConnectCluster cluster, String name) throws Exception {
        List<Sample> samples = new ArrayList<>();
        long start = System.nanoTime();
        try (Connection session = database.connect();
                Statement statement = session.createStatement();
                ControlTopic control = new ControlTopic(cluster.bootstrapServers(), name + ".seam")) {
            while (!control.has("seam")) {
                try (ResultSet row = statement.executeQuery(SAMPLE)) {
                    row.next();
                    samples.add(new Sample((System.nanoTime() - start) / 1e9, row.getDouble(1), row.getDouble(2)));
                }
                TimeUnit.MILLISECONDS.sleep(SAMPLE_MS);
                control.follow();
            }
        }
        return samples;
    }

    private static void fill(TestDatabase database, int rows) throws SQLException {
        database.execute(
                "CREATE TABLE measured (id bigint PRIMARY KEY, note text)",
                "INSERT INTO measured SELECT i, repeat(md5(i::text), 3) FROM generate_series(1, " + rows + ") i",
                "CREATE TABLE busy (id int PRIMARY KEY, note text)",
                "INSERT INTO busy SELECT i, 'busy' FROM generate_series(1, 1000) i",
                "VACUUM ANALYZE",
                "CHECKPOINT");
    }

    /** Some megabytes of WAL a second. */
    private static void write(TestDatabase database, AtomicBoolean over) {
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            while (!over.get()) {
                statement.execute("UPDATE busy SET note = repeat(md5(random()::text), 10) WHERE id % 2 = 0");
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the writer failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> settings(TestDatabase database, String name, String age) {
        Map<String, String> settings = ConnectorSettings.of(database.connectionSettings(), name);
        settings.put("tasks.max", "1");
        settings.put("slot.name", name);
        settings.put("snapshot.anchor.max.age.ms", age);
        settings.put("snapshot.chunk.size", "1MB");
        settings.put("snapshot.stride.size", "256kB");
        // The copy is to take long, not to be fast.
        settings.put("max.batch.size", "500");
        settings.put("exactly.once.support", "required");
        return settings;
    }
}
