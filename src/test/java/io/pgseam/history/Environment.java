package io.pgseam.history;

import io.pgseam.failpoint.Failpoint;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.PluginArchive;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.WorkerSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.util.clusters.EmbeddedKafkaCluster;

/**
 * Where histories take place: a Kafka broker in this JVM, three Connect workers in theirs with the plugin
 * archive installed, and PostgreSQL servers, each started when a history asks for its version.
 */
final class Environment implements AutoCloseable {

    private static final int WORKERS = 3;

    private final Path directory;
    private final Path failpoints;
    private final Delivery delivery;
    private final EmbeddedKafkaCluster kafka;
    private final Workers workers;
    private final Map<Integer, PostgresServer> servers = new HashMap<>();

    private Environment(
            Path directory, Path failpoints, Delivery delivery, EmbeddedKafkaCluster kafka, Workers workers) {
        this.directory = directory;
        this.failpoints = failpoints;
        this.delivery = delivery;
        this.kafka = kafka;
        this.workers = workers;
    }

    /**
     * Starts broker and workers.
     *
     * @param archive the plugin archive that the workers install
     * @param logs where the workers' logs go
     */
    static Environment start(Path archive, Path logs, Delivery delivery) throws IOException {
        Path directory = Files.createTempDirectory("pgseam-histories-");
        Path failpoints = Files.createDirectory(directory.resolve("failpoints"));
        EmbeddedKafkaCluster kafka = new EmbeddedKafkaCluster(1, brokerSettings());
        kafka.start();
        WorkerSetup setup = WorkerSetup.install(
                kafka.bootstrapServers(), archive, directory, workerSettings(delivery), jvmOptions(failpoints));
        Workers workers = Workers.start(setup, logs.resolve(group(delivery)), WORKERS);
        return new Environment(directory, failpoints, delivery, kafka, workers);
    }

    private static String group(Delivery delivery) {
        return delivery == Delivery.EXACTLY_ONCE ? "exactly-once" : "at-least-once";
    }

    private static java.util.Properties brokerSettings() {
        java.util.Properties settings = ConnectCluster.brokerSettings();
        settings.put("group.min.session.timeout.ms", "1000");
        return settings;
    }

    /** A worker that is lost is missed soon, and its tasks move at once: a history has no minutes to wait. */
    private static Map<String, String> workerSettings(Delivery delivery) {
        return Map.of(
                "group.id", "histories-" + group(delivery),
                "exactly.once.source.support", delivery == Delivery.EXACTLY_ONCE ? "enabled" : "disabled",
                "heartbeat.interval.ms", "500",
                "session.timeout.ms", "5000",
                "rebalance.timeout.ms", "15000",
                "scheduled.rebalance.max.delay.ms", "0",
                "task.shutdown.graceful.timeout.ms", "3000",
                "offset.flush.interval.ms", "700");
    }

    /** Workers are started often, and live shortly. */
    private static List<String> jvmOptions(Path failpoints) {
        List<String> options = new ArrayList<>(WorkerSetup.FAST_START);
        options.add("-D" + Failpoint.DIRECTORY_PROPERTY + "=" + failpoints);
        return options;
    }

    Delivery delivery() {
        return delivery;
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    Workers workers() {
        return workers;
    }

    /** The server of this version; started by the first history that asks. */
    synchronized PostgresServer postgres(int version) {
        return servers.computeIfAbsent(version, PostgresServer::start);
    }

    /** Has the next pass of a failpoint fail, in whichever worker that is. */
    void arm(Failpoint failpoint, boolean halt) throws IOException {
        Files.writeString(failpoints.resolve(failpoint.name()), halt ? Failpoint.HALT : "");
    }

    /** Takes back what nobody has passed. */
    void disarm() throws IOException {
        for (Failpoint failpoint : Failpoint.values()) {
            Files.deleteIfExists(failpoints.resolve(failpoint.name()));
        }
    }

    /** Stops the broker, and starts it again at the same address. */
    synchronized void restartBroker() {
        kafka.stopOnlyBrokers();
        kafka.restartOnlyBrokers();
    }

    /** Stops a server, and starts it again at the same address. */
    void restart(PostgresServer server, PostgresServer.Stop stop) {
        undisturbed(server, () -> server.restart(stop));
    }

    /** What a history does itself with a server, which another one could restart in the midst of it. */
    @FunctionalInterface
    interface Action<E extends Exception> {
        void run() throws E;
    }

    /** Does something while no other history restarts the server. */
    <E extends Exception> void undisturbed(PostgresServer server, Action<E> action) throws E {
        synchronized (server) {
            action.run();
        }
    }

    /** The workers first, then what they read and write. */
    @Override
    public void close() throws InterruptedException, IOException {
        workers.close();
        servers.values().forEach(PostgresServer::close);
        kafka.stop();
        PluginArchive.delete(directory);
    }
}
