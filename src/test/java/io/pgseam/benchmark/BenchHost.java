package io.pgseam.benchmark;

import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.KafkaProcess;
import io.pgseam.testing.PluginArchive;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.WorkerSetup;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/**
 * What is measured runs in processes of its own: PostgreSQL, a broker, and two distributed workers, one of them with exactly-once support.
 * The workers have this connector's archive and Debezium's connector among their plugins.
 */
final class BenchHost implements AutoCloseable {

    private static final Duration CLEANING = Duration.ofMinutes(2);

    private final Path directory;
    private final PostgresServer server;
    private final TestDatabase database;
    private final KafkaProcess broker;
    private final Admin admin;
    private final ConnectWorker atLeastOnce;
    private final ConnectWorker exactlyOnce;

    /** What the topics of the round before begin with. */
    private String earlier = "none of this name.";

    private BenchHost(
            Path directory,
            PostgresServer server,
            TestDatabase database,
            KafkaProcess broker,
            ConnectWorker atLeastOnce,
            ConnectWorker exactlyOnce) {
        this.directory = directory;
        this.server = server;
        this.database = database;
        this.broker = broker;
        this.admin = broker.admin();
        this.atLeastOnce = atLeastOnce;
        this.exactlyOnce = exactlyOnce;
    }

    /**
     * Starts everything.
     *
     * @param archive the connector's
     */
    static BenchHost start(Path archive) throws Exception {
        Path directory = Files.createTempDirectory("pgseam-bench-");
        PostgresServer server = PostgresServer.start(17);
        WorkerSetup bare = WorkerSetup.install("", archive, directory, Map.of(), List.of());
        KafkaProcess broker = KafkaProcess.start(directory.resolve("broker"), bare.logSettings());
        installDebezium(Files.createDirectory(bare.plugins().resolve("debezium")));
        BenchHost host = new BenchHost(
                directory,
                server,
                server.createDatabase(),
                broker,
                launch(bare, broker, directory.resolve("worker"), "disabled"),
                launch(bare, broker, directory.resolve("worker-eo"), "enabled"));
        host.atLeastOnce.awaitReady();
        host.exactlyOnce.awaitReady();
        return host;
    }

    private static ConnectWorker launch(WorkerSetup bare, KafkaProcess broker, Path directory, String exactlyOnce)
            throws IOException {
        String name = directory.getFileName().toString();
        WorkerSetup setup = new WorkerSetup(
                broker.bootstrapServers(),
                bare.plugins(),
                bare.logSettings(),
                Map.of(
                        "exactly.once.source.support", exactlyOnce,
                        "group.id", name,
                        "config.storage.topic", name + "-config",
                        "offset.storage.topic", name + "-offset",
                        "status.storage.topic", name + "-status"),
                List.of());
        return ConnectWorker.launch(setup, directory, directory.resolveSibling(name + ".log"));
    }

    /** As from Maven Central, with what it needs besides Kafka Connect. */
    private static void installDebezium(Path plugin) throws IOException {
        String ours = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : ours.split(File.pathSeparator, -1)) {
            Path jar = Path.of(entry);
            if (jar.getFileName().toString().matches("(debezium|postgresql)-.*\\.jar")) {
                Files.copy(jar, plugin.resolve(jar.getFileName()));
            }
        }
    }

    TestDatabase database() {
        return database;
    }

    KafkaProcess broker() {
        return broker;
    }

    ConnectWorker worker(BenchSystem system) {
        return system.exactlyOnce() ? exactlyOnce : atLeastOnce;
    }

    ConnectorClient connector(BenchSystem system, String name) {
        return new ConnectorClient(worker(system).rest(), name);
    }

    /** The server's first process; unknown where it runs on another machine or in a container. */
    ProcessTree serverProcesses() throws SQLException {
        try (Connection session = database.connect();
                Statement statement = session.createStatement();
                ResultSet backend = statement.executeQuery("SELECT pg_backend_pid()")) {
            backend.next();
            return new ProcessTree(ProcessTree.parentOf(backend.getLong(1)));
        }
    }

    /** How many records all topics have whose names begin so, by their ends: with what belongs to transactions. */
    long ends(String prefix) throws Exception {
        Set<String> topics = topics(prefix);
        Map<TopicPartition, OffsetSpec> latest = admin.describeTopics(topics).allTopicNames().get().values().stream()
                .flatMap(BenchHost::partitions)
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        return admin.listOffsets(latest).all().get().values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }

    private static Stream<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream().map(partition -> new TopicPartition(topic.name(), partition.partition()));
    }

    private Set<String> topics(String prefix) throws Exception {
        return admin.listTopics().names().get().stream()
                .filter(topic -> topic.startsWith(prefix))
                .collect(Collectors.toSet());
    }

    /** What these topics hold on disk, in bytes. */
    long bytes(String prefix) throws Exception {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
                .flatMap(directories -> directories.values().stream())
                .flatMap(one -> one.replicaInfos().entrySet().stream())
                .filter(replica -> replica.getKey().topic().startsWith(prefix))
                .mapToLong(replica -> replica.getValue().size())
                .sum();
    }

    /**
     * Removes a connector and what a round has left, so that the next one finds the server and the broker as this one did. Topics are deleted one
     * round later: a task that is being stopped may still write to them.
     */
    void clean(BenchSystem system, String prefix) throws Exception {
        if (system.kind() != BenchSystem.Kind.NOWHERE) {
            ConnectorClient connector = connector(system, prefix);
            connector.stop();
            Eventually.holds(
                    prefix + " has stopped",
                    CLEANING,
                    () -> connector.status().tasks().isEmpty());
            connector.delete();
        }
        Eventually.holds("no slot is in use", CLEANING, () -> {
            database.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    + " WHERE NOT active AND database = current_database()");
            return count("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()") == 0;
        });
        database.execute("DO $$ DECLARE name text; BEGIN FOR name IN SELECT pubname FROM pg_publication LOOP"
                + " EXECUTE format('DROP PUBLICATION %I', name); END LOOP; END $$");
        admin.deleteTopics(topics(earlier)).all().get();
        earlier = prefix + ".";
    }

    /** What a query of one number gives. */
    long count(String query) throws SQLException {
        try (Connection session = database.connect();
                Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    @Override
    public void close() throws Exception {
        admin.close();
        atLeastOnce.stop();
        exactlyOnce.stop();
        broker.close();
        database.close();
        server.close();
        PluginArchive.delete(directory);
    }
}
