package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.resolvers.SelectedClassResolverFromClasspath;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ConnectRuntime;
import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.JavaHomes;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import io.pgseam.testing.WorkerSetup;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin on workers of other versions of Kafka Connect, and of Java, than those that it is built with. */
class ConnectVersionsIT {

    private static final String OLDEST = "3.7.2";
    private static final String KAFKA = "org.apache.kafka.";

    /** Used inside of a try that catches the error: decision 0063. */
    private static final String NEEDS_NEWER = "PluginMetricRegistry";

    @Matrix(
            build = OLDEST + ", 17",
            nightly = {"3.9.1, 17", "4.0.2, 17", "4.1.1, 17", "4.3.1, 25"})
    void copiesStreamsAndResumesAfterARestart(String version, int java, @TempDir Path directory) throws Exception {
        Path javaHome = JavaHomes.of(java);
        String name = "connect_" + version.replace('.', '_');
        String bootstrapServers =
                ConnectCluster.shared(1, Delivery.EXACTLY_ONCE).bootstrapServers();
        WorkerSetup setup = WorkerSetup.install(
                bootstrapServers,
                Path.of(System.getProperty("pgseam.plugin.archive")),
                directory,
                Map.of(
                        "group.id", name,
                        "config.storage.topic", name + "-config",
                        "offset.storage.topic", name + "-offset",
                        "status.storage.topic", name + "-status"),
                WorkerSetup.FAST_START);
        List<Path> runtime = ConnectRuntime.jars(version);
        Path log = directory.resolve("worker.log");
        ConnectWorker worker = ConnectWorker.launch(setup, javaHome, runtime, directory.resolve("worker"), log);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase(name)) {
            worker.awaitReady();
            database.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, note text)",
                    "INSERT INTO item SELECT i, 'copied' FROM generate_series(1, 1000) i");
            Map<String, String> settings = ConnectorSettings.of(database);
            settings.put("exactly.once.support", "required");
            ConnectorClient connector = new ConnectorClient(worker.rest(), name);
            connector.configure(settings);
            awaitStream(connector, database);
            database.execute("UPDATE item SET note = 'streamed' WHERE id <= 100");
            awaitStream(connector, database);
            connector.restartWithTasks(false);
            database.execute("DELETE FROM item WHERE id > 900");
            awaitStream(connector, database);

            Map<String, String> envelope = ConnectorSettings.of(database.connectionSettings(), name + "_envelope");
            envelope.put("output.format", "debezium");
            for (String converter : List.of("key.converter", "value.converter")) {
                envelope.put(converter, "org.apache.kafka.connect.json.JsonConverter");
            }
            ConnectorClient second = new ConnectorClient(worker.rest(), name + "_envelope");
            second.configure(envelope);
            awaitStream(second, database);
            assertThat(TopicReader.readAll(bootstrapServers, name + "_envelope.public.item"))
                    .hasSize(900);

            SourceTruth.assertExact(database, "public.item", bootstrapServers, name + ".public.item");
            connector.delete();
            second.delete();
        } finally {
            worker.stop();
        }
    }

    private static void awaitStream(ConnectorClient connector, TestDatabase database) throws Exception {
        var now = database.now();
        Eventually.holds(
                "the stream is at " + now,
                RunningConnector.TIMEOUT,
                () -> {
                    StreamPosition position = connector.position();
                    return position != null && !position.lsn().isBefore(now);
                },
                () -> connector.status().toString());
    }

    /** A method that an older runtime does not have would be missed only when it is called. */
    @Test
    void callsNothingThatTheOldestVersionDoesNotHave() throws Exception {
        ArchConfiguration configuration = ArchConfiguration.get();
        // Nothing of Kafka from the class path of the tests, which has the newest version.
        configuration.setClassResolver(SelectedClassResolverFromClasspath.class);
        configuration.setClassResolverArguments("java.lang", "java.util");
        try {
            List<Location> locations = new ArrayList<>();
            locations.add(Location.of(PgSeamSourceConnector.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()));
            ConnectRuntime.jars(OLDEST).stream()
                    .filter(jar -> jar.getFileName().toString().matches("(connect-api|connect-json|kafka-clients)-.*"))
                    .forEach(jar -> locations.add(Location.of(URI.create("jar:" + jar.toUri() + "!/"))));
            JavaClasses classes = new ClassFileImporter().importLocations(locations);
            List<String> missing = classes.stream()
                    .filter(type -> type.getPackageName().startsWith("io.pgseam"))
                    .filter(type -> !type.getPackageName().startsWith("io.pgseam.tool"))
                    .filter(type -> !type.getSimpleName().equals(NEEDS_NEWER))
                    .flatMap(ConnectVersionsIT::missing)
                    .sorted()
                    .toList();
            assertThat(missing).isEmpty();
            assertThat(classes.contain(KAFKA + "connect.source.SourceTask")).isTrue();
        } finally {
            configuration.reset();
        }
    }

    private static Stream<String> missing(JavaClass type) {
        return type.getAccessesFromSelf().stream()
                .map(JavaAccess::getTarget)
                .filter(target -> target.getOwner().getName().startsWith(KAFKA))
                .filter(target -> target.resolveMember().isEmpty())
                .map(AccessTarget::getFullName)
                .distinct()
                .map(target -> type.getName() + " uses " + target);
    }
}
