package io.pgseam.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * A ClickHouse: the engine from the npm package chdb, behind a small server that speaks ClickHouse's HTTP interface. It has what the
 * server has, its Kafka engine too, but for users and clusters.
 *
 * <p>The package comes from the npm registry, once, into {@code target/chdb}. Where there is no npm, or no registry, tests are skipped.
 */
public final class EmbeddedClickHouse implements AutoCloseable {

    private static final String VERSION = "3.4.0";
    private static final Path DIRECTORY = Path.of("target", "chdb").toAbsolutePath();
    private static final Path PACKAGE = DIRECTORY.resolve("node_modules/chdb");
    private static final long INSTALL_MINUTES = 10;
    private static final long CLOSE_SECONDS = 20;
    private static final int SHOWN_CHARACTERS = 300;

    private final Process process;
    private final int port;

    private EmbeddedClickHouse(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one that needs no password.
     *
     * @param data where it keeps its data: a directory that does not exist yet, or one of before
     * @throws TestAbortedException where it cannot be had on this machine
     */
    public static EmbeddedClickHouse start(Path data) {
        return start(data, "");
    }

    /**
     * Starts one.
     *
     * @param password of the user {@code default}; empty for none
     * @throws TestAbortedException where it cannot be had on this machine
     */
    public static EmbeddedClickHouse start(Path data, String password) {
        Optional<String> obstacle = obstacle();
        if (obstacle.isPresent()) {
            throw new TestAbortedException(
                    "ClickHouse runs in the npm package chdb, and " + obstacle.get() + ": not tested");
        }
        try {
            Path script = DIRECTORY.resolve("server-" + ProcessHandle.current().pid() + ".js");
            try (InputStream source = resource()) {
                Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
            }
            Process process = new ProcessBuilder(
                            "node", script.toString(), PACKAGE.toString(), data.toString(), password)
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            DIRECTORY.resolve("server.log").toFile()))
                    .start();
            // Not closed: standard output belongs to the process.
            String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (line == null) {
                throw new IllegalStateException("ClickHouse did not start: see " + DIRECTORY.resolve("server.log"));
            }
            return new EmbeddedClickHouse(process, Integer.parseInt(line.strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream resource() {
        InputStream script = EmbeddedClickHouse.class.getResourceAsStream("/clickhouse/server.js");
        if (script == null) {
            throw new IllegalStateException("the script of the server is missing");
        }
        return script;
    }

    /** Why there is no ClickHouse on this machine; empty if there is one. Fetches the package if it is not there yet. */
    public static Optional<String> obstacle() {
        try {
            Files.createDirectories(DIRECTORY);
            // The JVMs of a build share the directory.
            try (FileChannel channel = FileChannel.open(
                            DIRECTORY.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock ignored = channel.lock()) {
                return isInstalled() ? Optional.empty() : install();
            }
        } catch (IOException e) {
            return Optional.of(DIRECTORY + " cannot be used: " + e);
        }
    }

    private static boolean isInstalled() throws IOException {
        Path description = PACKAGE.resolve("package.json");
        return Files.exists(description)
                && Files.readString(description).contains("\"version\": \"" + VERSION + "\"")
                && run("node", "-e", "require(process.argv[1])", PACKAGE.toString())
                        .isEmpty();
    }

    private static Optional<String> install() throws IOException {
        Optional<String> failure = run(
                "npm",
                "install",
                "chdb@" + VERSION,
                "--prefix",
                DIRECTORY.toString(),
                "--no-audit",
                "--no-fund",
                "--fetch-retries=1",
                "--fetch-timeout=30000");
        if (failure.isPresent()) {
            return Optional.of("npm cannot fetch it: " + failure.get());
        }
        return isInstalled() ? Optional.empty() : Optional.of("it does not run on this machine");
    }

    /** What went wrong with a command; empty if nothing did. */
    private static Optional<String> run(String... command) throws IOException {
        Path output = Files.createTempFile(DIRECTORY, "npm", ".log");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile());
            Process process;
            try {
                process = builder.start();
            } catch (IOException e) {
                return Optional.of("there is no " + command[0]);
            }
            if (!process.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return Optional.of(command[0] + " did not end within " + INSTALL_MINUTES + " minutes");
            }
            if (process.exitValue() == 0) {
                return Optional.empty();
            }
            String text = Files.readString(output).strip();
            return Optional.of(text.substring(0, Math.min(text.length(), SHOWN_CHARACTERS)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("the thread was interrupted");
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** Its address as the command line takes it. */
    public String address() {
        return "clickhouse://127.0.0.1:" + port;
    }

    /** Its port. */
    public int port() {
        return port;
    }

    /** Options that name it to a command. */
    public List<String> options() {
        return List.of("--target", address());
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
