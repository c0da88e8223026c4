package io.pgseam.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A distributed Connect worker as users run it, in a JVM of its own: Kafka's jars on the class path, the connector in
 * {@code plugin.path} and nowhere else.
 */
public final class ConnectWorker {

    private static final String MAIN_CLASS = "org.apache.kafka.connect.cli.ConnectDistributed";
    private static final String HEAP = "-Xmx512m";
    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);
    private static final int STOP_SECONDS = 20;

    private final Process process;
    private final URI url;
    private final ConnectRest rest;

    private ConnectWorker(Process process, URI url) {
        this.process = process;
        this.url = url;
        this.rest = new ConnectRest(() -> url);
    }

    /**
     * Starts a worker; it is not ready yet, see {@link #awaitReady}.
     *
     * @param directory where its own files may go
     * @param pluginPath the directory that holds the unzipped plugin archive
     * @param logSettings Log4j's settings
     * @param log what it says is appended here
     */
    public static ConnectWorker launch(
            String bootstrapServers, Path directory, Path pluginPath, Path logSettings, Path log) throws IOException {
        URI url = URI.create("http://localhost:" + freePort());
        Path settings = directory.resolve("worker.properties");
        try (OutputStream out = Files.newOutputStream(settings)) {
            settings(bootstrapServers, pluginPath, url).store(out, null);
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-Dlog4j2.configurationFile=" + logSettings,
                        "-Dpgseam.log.file=" + log,
                        "-classpath",
                        classPath(),
                        MAIN_CLASS,
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new ConnectWorker(process, url);
    }

    private static Properties settings(String bootstrapServers, Path pluginPath, URI url) {
        Properties settings = new Properties();
        settings.setProperty("bootstrap.servers", bootstrapServers);
        settings.setProperty("listeners", url.toString());
        settings.setProperty("group.id", "pgseam");
        settings.setProperty("plugin.path", pluginPath.toString());
        settings.setProperty("plugin.discovery", "service_load");
        settings.setProperty("exactly.once.source.support", "enabled");
        settings.setProperty("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.setProperty("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.setProperty("offset.flush.interval.ms", "1000");
        for (String storage : List.of("config", "offset", "status")) {
            settings.setProperty(storage + ".storage.topic", "connect-" + storage);
            settings.setProperty(storage + ".storage.replication.factor", "1");
        }
        settings.setProperty("offset.storage.partitions", "1");
        settings.setProperty("status.storage.partitions", "1");
        return settings;
    }

    /** Ours without what a worker does not have: the connector's classes, the tests', and the PostgreSQL driver. */
    private static String classPath() {
        List<String> entries = new ArrayList<>(
                Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
        entries.removeIf(entry -> !Files.isRegularFile(Path.of(entry))
                || Path.of(entry).getFileName().toString().matches("postgresql-.*\\.jar|.*-test\\.jar"));
        return entries.stream().collect(Collectors.joining(File.pathSeparator));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until the worker answers. */
    public void awaitReady() {
        Eventually.holds("the Connect worker answers", START_TIMEOUT, () -> {
            if (!process.isAlive()) {
                throw new InterruptedException("it ended with " + process.exitValue());
            }
            return rest.get("/connectors").isArray();
        });
    }

    /** Its REST interface. */
    public ConnectRest rest() {
        return rest;
    }

    /** Where it answers. */
    public URI url() {
        return url;
    }

    /** The processor time that the worker has used so far, in all its threads. */
    public Duration cpuTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Stops the worker in good order, so that its tasks let go of the source; without, where that takes too long. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
