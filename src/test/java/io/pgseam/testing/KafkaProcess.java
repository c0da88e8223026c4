package io.pgseam.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** A Kafka broker in a JVM of its own, which is its own controller. */
public final class KafkaProcess implements AutoCloseable {

    private static final String HEAP = "-Xmx1g";
    private static final int STOP_SECONDS = 30;

    private final Process process;
    private final String bootstrapServers;

    private KafkaProcess(Process process, String bootstrapServers) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker, and waits until it answers.
     *
     * @param directory for its data, its settings and its log; made if it does not exist
     * @param logSettings Log4j's settings
     */
    public static KafkaProcess start(Path directory, Path logSettings) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        String address = "localhost:" + FreePort.next();
        Path settings = directory.resolve("server.properties");
        try (OutputStream out = Files.newOutputStream(settings)) {
            settings(directory, address, "localhost:" + FreePort.next()).store(out, null);
        }
        String cluster = org.apache.kafka.common.Uuid.randomUuid().toString();
        Process format = java(
                directory, logSettings, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", settings.toString());
        if (format.waitFor() != 0) {
            throw new IOException(
                    "the broker's storage cannot be formatted: " + Files.readString(directory.resolve("broker.log")));
        }
        KafkaProcess broker =
                new KafkaProcess(java(directory, logSettings, "kafka.Kafka", settings.toString()), address);
        Runtime.getRuntime().addShutdownHook(new Thread(broker.process::destroyForcibly, "kill-broker"));
        try (Admin admin = broker.admin()) {
            Eventually.holds("the broker answers", java.time.Duration.ofMinutes(2), () -> {
                if (!broker.process.isAlive()) {
                    throw new AssertionError("the broker ended with " + broker.process.exitValue());
                }
                return !admin.describeCluster().nodes().get().isEmpty();
            });
        }
        return broker;
    }

    private static Properties settings(Path directory, String address, String controller) {
        Properties settings = ConnectCluster.brokerSettings();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@" + controller);
        settings.put("listeners", "PLAINTEXT://" + address + ",CONTROLLER://" + controller);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", directory.resolve("data").toString());
        settings.put("offsets.topic.replication.factor", "1");
        return settings;
    }

    private static Process java(Path directory, Path logSettings, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-Dlog4j2.configurationFile=" + logSettings,
                "-Dpgseam.log.file=" + directory.resolve("server.log"),
                "-classpath",
                ConnectWorker.classPath()));
        all.addAll(List.of(command));
        return new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("broker.log").toFile()))
                .start();
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** An administration client, which belongs to the caller. */
    public Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /** The process of the broker. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
