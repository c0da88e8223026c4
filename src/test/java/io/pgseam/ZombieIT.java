package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ConnectorStatus;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import io.pgseam.testing.WorkerSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker that is taken for dead and is not: it stands still while its tasks move to another worker, and then goes on with
 * what it had in hand. With exactly-once support nothing of that gets into a topic.
 */
class ZombieIT {

    private static final int ROWS = 60_000;
    private static final String FENCED = "ProducerFencedException";
    private static final String OLD_EPOCH = "InvalidProducerEpochException";

    private static final Map<String, String> WORKER_SETTINGS = Map.of(
            "group.id", "zombies",
            "config.storage.topic", "connect-zombies-config",
            "offset.storage.topic", "connect-zombies-offset",
            "status.storage.topic", "connect-zombies-status",
            "heartbeat.interval.ms", "500",
            "session.timeout.ms", "6000",
            "scheduled.rebalance.max.delay.ms", "0");

    @TempDir
    private Path directory;

    private final String bootstrapServers =
            ConnectCluster.shared(1, Delivery.EXACTLY_ONCE).bootstrapServers();
    private final List<ConnectWorker> workers = new ArrayList<>();

    @BeforeEach
    void startWorkers() throws IOException {
        WorkerSetup setup = WorkerSetup.install(
                bootstrapServers,
                Path.of(System.getProperty("pgseam.plugin.archive")),
                directory,
                WORKER_SETTINGS,
                WorkerSetup.FAST_START);
        for (int number = 0; number < 2; number++) {
            workers.add(ConnectWorker.launch(setup, directory.resolve("worker-" + number), log(number)));
        }
        workers.forEach(ConnectWorker::awaitReady);
    }

    @AfterEach
    void stopWorkers() throws InterruptedException {
        for (ConnectWorker worker : workers) {
            worker.kill();
        }
    }

    @Test
    void aStreamTaskThatIsTakenForDeadSendsNothingMore() throws Exception {
        try (TestDatabase database = PostgresServer.shared(17).createDatabase("zombie_stream")) {
            database.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, note text)", "INSERT INTO item VALUES (0, 'copied')");
            configure(database, Map.of());
            ConnectorClient connector = connector(0, database);
            Eventually.holds("the connector streams", () -> connector.position() != null);
            database.execute("INSERT INTO item SELECT i, repeat('x', 100) FROM generate_series(1, " + ROWS + ") i");
            // In the midst of one transaction, so that there is more in the task's hands.
            Eventually.holds("a part of it is committed", () -> {
                StreamPosition position = connector.position();
                return position != null && position.live().sequence() > 0;
            });

            int zombie = workerOfTask(database, 0);
            String walsender = database.queryOne("SELECT active_pid::text FROM pg_replication_slots"
                    + " WHERE database = current_database() AND active_pid IS NOT NULL");
            workers.get(zombie).freeze();
            ConnectorClient other = connector(1 - zombie, database);
            awaitTasksOn(1 - zombie, database);
            // What wal_sender_timeout does: the server gives up a reader that does not answer. One that is just telling
            // its
            // client so, and the client takes nothing, has to be told twice.
            String reader = "SELECT pid::text FROM pg_stat_activity WHERE pid = " + walsender;
            Eventually.holds("the server has given the zombie up", () -> {
                database.query("SELECT pg_terminate_backend(" + walsender + ")::text");
                return database.query(reader).isEmpty();
            });
            awaitPosition(other, database.now());
            long ofTheOther = records(database);

            workers.get(zombie).thaw();
            awaitFenced(zombie);
            database.execute("UPDATE item SET note = 'after' WHERE id BETWEEN 1 AND 10");
            awaitPosition(other, database.now());
            assertThat(records(database)).as("nothing of the zombie's").isEqualTo(ofTheOther + 10);
            assertExact(database);
        }
    }

    @Test
    void aCopyTaskOfAnOlderGenerationSendsNothingMore() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("zombie_copy");
                TcpProxy road = TcpProxy.start(database.server())) {
            database.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, note text)",
                    "INSERT INTO item SELECT i, repeat('x', 100) FROM generate_series(1, " + ROWS + ") i");
            road.limitCopies(RunningConnector.SLOW_BYTES_PER_SECOND);
            configure(database, Map.of("database.hostname", road.host(), "database.port", String.valueOf(road.port())));
            Eventually.holds(
                    "rows are copied",
                    () -> ConnectCluster.shared(1, Delivery.EXACTLY_ONCE)
                                    .topics()
                                    .contains("zombie_copy.public.item")
                            && records(database) > 0);

            int zombie = workerOfTask(database, 0);
            workers.get(zombie).freeze();
            road.unlimitCopies();
            // Its sessions go, too, and with the leader's the snapshot: the rest is copied at another anchor.
            database.execute("UPDATE item SET note = 'while it stands still' WHERE id % 100 = 0");
            database.endSessions(".*");
            ConnectorClient other = connector(1 - zombie, database);
            Eventually.holds("everything is copied without it", () -> {
                StreamPosition position = other.position();
                return position != null && position.seam() > 1;
            });
            awaitPosition(other, database.now());
            long ofTheOther = records(database);

            workers.get(zombie).thaw();
            // What it has in hand depends on the moment: it is refused, or finds that it has no session and no task any
            // more.
            Eventually.holds(
                    "the zombie is back",
                    () -> connector(zombie, database).status().allRunning());
            database.execute("UPDATE item SET note = 'after' WHERE id <= 10");
            awaitPosition(other, database.now());
            assertThat(records(database)).as("nothing of the zombie's").isEqualTo(ofTheOther + 10);
            assertExact(database);
        }
    }

    /** Small strides, so that a copy or a transaction takes many Kafka transactions. */
    private void configure(TestDatabase database, Map<String, String> overrides) {
        Map<String, String> settings = ConnectorSettings.of(database);
        settings.put("tasks.max", "1");
        settings.put("exactly.once.support", "required");
        settings.put("snapshot.chunk.size", "64kB");
        settings.put("snapshot.stride.size", "16kB");
        settings.put("max.batch.size", "100");
        settings.putAll(overrides);
        connector(0, database).configure(settings);
    }

    private Path log(int number) {
        return directory.resolve("worker-" + number + ".log");
    }

    /** The connector, as a worker sees it. */
    private ConnectorClient connector(int worker, TestDatabase database) {
        return new ConnectorClient(workers.get(worker).rest(), database.name());
    }

    private int workerOfTask(TestDatabase database, int task) {
        String address = connector(0, database).status().tasks().get(task).worker();
        return address.endsWith(":" + workers.get(0).url().getPort()) ? 0 : 1;
    }

    private void awaitTasksOn(int worker, TestDatabase database) {
        String port = ":" + workers.get(worker).url().getPort();
        ConnectorClient connector = connector(worker, database);
        Eventually.holds(
                "the tasks have moved",
                () -> {
                    ConnectorStatus status = connector.status();
                    return status.allRunning()
                            && status.tasks().stream()
                                    .allMatch(task -> task.worker().endsWith(port));
                },
                () -> connector.status().toString());
    }

    private static void awaitPosition(ConnectorClient connector, Lsn lsn) {
        Eventually.holds(
                "the stream is at " + lsn,
                () -> !Objects.requireNonNull(connector.position()).lsn().isBefore(lsn),
                () -> connector.status().toString());
    }

    /** Whether the zombie went on and was refused: else nothing was tried here. */
    private void awaitFenced(int zombie) {
        Eventually.holds(
                "the zombie is fenced",
                () -> Files.readAllLines(log(zombie)).stream()
                        .anyMatch(line -> line.contains(FENCED) || line.contains(OLD_EPOCH)));
    }

    /** As a consumer sees them that reads committed records. */
    private long records(TestDatabase database) {
        return TopicReader.readAll(bootstrapServers, database.name() + ".public.item")
                .size();
    }

    private void assertExact(TestDatabase database) throws SQLException {
        SourceTruth.assertExact(database, "public.item", bootstrapServers, database.name() + ".public.item");
    }
}
