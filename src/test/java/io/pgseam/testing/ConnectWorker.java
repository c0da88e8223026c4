package io.pgseam.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    /** None of them outlives this JVM, however that ends. */
    private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> STARTED.forEach(Process::destroyForcibly), "kill-connect-workers"));
    }

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
     * @param directory where its own files go; made if it does not exist
     * @param log its output is appended here
     */
    public static ConnectWorker launch(WorkerSetup setup, Path directory, Path log) throws IOException {
        return launch(setup, Path.of(System.getProperty("java.home")), classPath(), directory, log);
    }

    /**
     * Starts a worker of another version of Kafka Connect, or of Java.
     *
     * @param javaHome the JDK that it runs on
     * @param runtime its jars
     */
    public static ConnectWorker launch(WorkerSetup setup, Path javaHome, List<Path> runtime, Path directory, Path log)
            throws IOException {
        String classPath = runtime.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        return launch(setup, javaHome, classPath, directory, log);
    }

    private static ConnectWorker launch(WorkerSetup setup, Path javaHome, String classPath, Path directory, Path log)
            throws IOException {
        URI url = URI.create("http://localhost:" + FreePort.next());
        Path settings = Files.createDirectories(directory).resolve("worker.properties");
        try (OutputStream out = Files.newOutputStream(settings)) {
            settings(setup, url).store(out, null);
        }
        List<String> command = new ArrayList<>(List.of(
                javaHome.resolve("bin").resolve("java").toString(),
                HEAP,
                "-Dlog4j2.configurationFile=" + setup.logSettings(),
                "-Dpgseam.log.file=" + log,
                "-classpath",
                classPath));
        command.addAll(setup.jvmOptions());
        command.addAll(List.of(MAIN_CLASS, settings.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        STARTED.add(process);
        return new ConnectWorker(process, url);
    }

    private static Properties settings(WorkerSetup setup, URI url) {
        Properties settings = new Properties();
        settings.putAll(ConnectCluster.workerSettings(ConnectCluster.Delivery.EXACTLY_ONCE));
        settings.setProperty("bootstrap.servers", setup.bootstrapServers());
        settings.setProperty("listeners", url.toString());
        settings.setProperty("group.id", "pgseam");
        settings.setProperty("plugin.path", setup.plugins().toString());
        for (String storage : List.of("config", "offset", "status")) {
            settings.setProperty(storage + ".storage.topic", "connect-" + storage);
            settings.setProperty(storage + ".storage.replication.factor", "1");
        }
        settings.putAll(setup.settings());
        return settings;
    }

    /** Ours without what a worker does not have: the connector's classes, the tests', the PostgreSQL driver, and Debezium. */
    static String classPath() {
        String ours = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> entries = new ArrayList<>(Arrays.asList(ours.split(File.pathSeparator, -1)));
        entries.removeIf(entry -> !Files.isRegularFile(Path.of(entry))
                || Path.of(entry)
                        .getFileName()
                        .toString()
                        .matches("(pgseam-connector|postgresql|debezium)-.*\\.jar|.*-test\\.jar"));
        return entries.stream().collect(Collectors.joining(File.pathSeparator));
    }

    /**
     * Waits until the worker answers.
     *
     * @throws AssertionError where it does not, or ends
     */
    public void awaitReady() {
        Eventually.holds("the Connect worker answers", START_TIMEOUT, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the Connect worker ended with " + process.exitValue());
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

    /** Whether its process runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the process by SIGKILL: nothing in it gets to know. Returns when it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops the process by SIGSTOP: it keeps its connections, and neither works nor notices that time passes. */
    public void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** Lets a frozen process go on, by SIGCONT. */
    public void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", signal, String.valueOf(process.pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException("kill " + signal + " of the Connect worker ended with " + status);
        }
    }

    /** Its process. */
    public long pid() {
        return process.pid();
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
