package io.pgseam.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * A MariaDB from this machine's package {@code mariadb-server}: it speaks MySQL's protocol, as StarRocks and Doris do. User {@code root}
 * has no password. Where the package is missing, tests are skipped.
 */
public final class EmbeddedMariaDb implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final long STOP_SECONDS = 30;

    private final Process process;
    private final int port;

    private EmbeddedMariaDb(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one.
     *
     * @param directory an empty directory, for its data, log and socket
     * @param options more options of the server
     * @throws TestAbortedException where there is no MariaDB on this machine
     */
    public static EmbeddedMariaDb start(Path directory, String... options) {
        Path server = program("mariadbd");
        Path data = directory.resolve("data");
        String user = "--user=" + System.getProperty("user.name");
        try {
            run(
                    directory.resolve("install.log"),
                    program("mariadb-install-db").toString(),
                    "--no-defaults",
                    user,
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--datadir=" + data);
            int port = FreePort.next();
            List<String> command = new ArrayList<>(List.of(
                    server.toString(),
                    "--no-defaults",
                    user,
                    "--datadir=" + data,
                    "--bind-address=127.0.0.1",
                    "--port=" + port,
                    "--socket=" + directory.resolve("socket"),
                    "--pid-file=" + directory.resolve("pid"),
                    "--character-set-server=utf8mb4",
                    "--default-time-zone=+00:00",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--skip-name-resolve"));
            command.addAll(List.of(options));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("server.log").toFile())
                    .start();
            EmbeddedMariaDb started = new EmbeddedMariaDb(process, port);
            try {
                Eventually.holds(
                        "MariaDB accepts connections",
                        START_TIMEOUT,
                        () -> accepts(port),
                        () -> text(directory.resolve("server.log")));
            } catch (AssertionError e) {
                started.close();
                throw e;
            }
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean accepts(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            return true;
        }
    }

    private static Path program(String name) {
        return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new TestAbortedException("MySQL's protocol is tested with MariaDB, and there is no "
                        + name + " on this machine (Debian's package mariadb-server): not tested"));
    }

    private static void run(Path log, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command[0] + " failed:\n" + text(log));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Its port. */
    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
