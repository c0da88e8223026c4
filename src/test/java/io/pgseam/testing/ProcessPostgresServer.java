package io.pgseam.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A server that runs as a process of this machine. */
final class ProcessPostgresServer extends PostgresServer {

    private static final int START_ATTEMPTS = 3;
    private static final int COMMAND_TIMEOUT_SECONDS = 120;

    /** By version: what initdb made, for the data of each server to begin as a copy of it. Never started. */
    private static final Map<Integer, ProcessPostgresServer> INITIALISED = new ConcurrentHashMap<>();

    private final Path home;
    private final Path directory;
    private final Map<String, String> settings;
    private int port;

    private ProcessPostgresServer(int version, Path home, Path directory, Map<String, String> settings) {
        super(version);
        this.home = home;
        this.directory = directory;
        this.settings = settings;
    }

    /** What a server is started on. */
    private interface DataMaker {
        void makeDataOf(ProcessPostgresServer server) throws IOException, SQLException;
    }

    static ProcessPostgresServer launch(int version, Map<String, String> settings) {
        try {
            return launch(
                    version,
                    settings,
                    server -> server.copy(initialised(version).data(), server.data()));
        } catch (SQLException e) {
            throw new IllegalStateException("a copy needs no session", e);
        }
    }

    private static ProcessPostgresServer initialised(int version) {
        return INITIALISED.computeIfAbsent(version, missing -> {
            try {
                ProcessPostgresServer made = made(version, Map.of());
                made.initialise();
                return made;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot initialise PostgreSQL " + version, e);
            }
        });
    }

    /** Removes what new servers begin with; the next one that starts makes it anew. */
    static void forgetInitialised() {
        for (Integer version : INITIALISED.keySet()) {
            ProcessPostgresServer initialised = INITIALISED.remove(version);
            if (initialised != null) {
                initialised.discard();
            }
        }
    }

    private static ProcessPostgresServer made(int version, Map<String, String> settings) throws IOException {
        ProcessPostgresServer server = new ProcessPostgresServer(
                version,
                PostgresBinaries.unpacked(version),
                Files.createTempDirectory("pgseam-postgres-" + version + "-"),
                settings);
        OrdinaryUser.give(server.directory);
        return server;
    }

    private static ProcessPostgresServer launch(int version, Map<String, String> settings, DataMaker data)
            throws SQLException {
        try {
            ProcessPostgresServer server = made(version, settings);
            try {
                data.makeDataOf(server);
                server.startAtFreePort();
            } catch (IOException | SQLException | RuntimeException e) {
                server.discard();
                throw e;
            }
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start PostgreSQL " + version, e);
        }
    }

    @Override
    PostgresServer launchStandby(String slot, String database) throws SQLException {
        Map<String, String> standbySettings = new LinkedHashMap<>(settings);
        standbySettings.put(
                "primary_conninfo",
                "host=" + host() + " port=" + port + " user=" + SUPERUSER + " password=" + SUPERUSER_PASSWORD
                        + " dbname=" + database);
        standbySettings.put("primary_slot_name", slot);
        standbySettings.put("hot_standby_feedback", "on");
        standbySettings.put("sync_replication_slots", "on");
        return launch(version(), standbySettings, standby -> {
            BaseBackup.take(this, slot, data(), standby.data());
            Path signal = Files.createFile(standby.data().resolve("standby.signal"));
            OrdinaryUser.give(signal);
        });
    }

    private void initialise() throws IOException {
        Path passwordFile = directory.resolve("password");
        Files.writeString(passwordFile, SUPERUSER_PASSWORD);
        OrdinaryUser.give(passwordFile);
        boolean linux = System.getProperty("os.name").startsWith("Linux");
        run(
                "initdb",
                "--pgdata=" + data(),
                "--username=" + SUPERUSER,
                "--pwfile=" + passwordFile,
                // SCRAM costs a client thousands of hashes a session, a third of the processor time of all tests. Other
                // roles have it.
                "--auth=md5",
                "--encoding=UTF8",
                "--locale=" + (linux ? "C.UTF-8" : "C"),
                "--no-sync");
    }

    private void startAtFreePort() throws IOException {
        for (int attempt = 1; ; attempt++) {
            port = FreePort.next();
            configure();
            try {
                startAgain();
                return;
            } catch (IllegalStateException e) {
                // Somebody else may have taken the port in between.
                if (attempt == START_ATTEMPTS || !log().contains("could not bind")) {
                    throw e;
                }
            }
        }
    }

    private void configure() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("port = " + port);
        lines.add("listen_addresses = '" + host() + "'");
        lines.add("unix_socket_directories = ''");
        lines.add("password_encryption = 'scram-sha-256'");
        settings.forEach((name, value) -> lines.add(name + " = '" + value.replace("'", "''") + "'"));
        Files.write(data().resolve("postgresql.conf"), lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    private Path data() {
        return directory.resolve("data");
    }

    private Path logFile() {
        return directory.resolve("log");
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void stop(Stop stop) {
        try {
            run(
                    "pg_ctl",
                    "stop",
                    "--pgdata=" + data(),
                    "--wait",
                    "--mode=" + (stop == Stop.FAST ? "fast" : "immediate"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot stop " + this, e);
        }
    }

    @Override
    public void startAgain() {
        start("");
    }

    @Override
    void startForUpgrade() {
        start("-b");
    }

    private void start(String options) {
        try {
            run(
                    "pg_ctl",
                    "start",
                    "--pgdata=" + data(),
                    "--log=" + logFile(),
                    "--options=" + options,
                    "--wait",
                    "--timeout=" + START_TIMEOUT.toSeconds());
            // pg_ctl returns when the server accepts sessions; one session proves the password as well.
            connect().close();
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("cannot start " + this, e);
        }
    }

    @Override
    public void keepData() {
        copy(data(), directory.resolve("kept"));
    }

    @Override
    public void putDataBack() {
        copy(directory.resolve("kept"), data());
    }

    /** With owner and mode, without which the server does not start. */
    private void copy(Path from, Path to) {
        try {
            PostgresBinaries.deleteTree(to);
            run(List.of("cp", "-a", from.toString(), to.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy the data of " + this, e);
        }
    }

    @Override
    public String log() {
        try {
            // Statements are in the encoding of their database, which need not be UTF-8.
            return Files.exists(logFile()) ? new String(Files.readAllBytes(logFile()), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the log of " + this, e);
        }
    }

    @Override
    void discard() {
        try {
            if (Files.exists(data().resolve("postmaster.pid"))) {
                // A fast stop would wait for every replication client that does not answer.
                stop(Stop.IMMEDIATE);
            }
            PostgresBinaries.deleteTree(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }

    /**
     * Runs a program of the installation as a user that PostgreSQL accepts.
     *
     * @throws IllegalStateException with its output, where it fails
     */
    private void run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(OrdinaryUser.prefix());
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        run(command);
    }

    private void run(List<String> command) throws IOException {
        // A file, not a pipe: the server inherits it from pg_ctl and would keep a pipe open.
        Path output = Files.createTempFile(directory, "command", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(COMMAND_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        command + " did not end within " + COMMAND_TIMEOUT_SECONDS + " s\n" + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IllegalStateException("interrupted while running " + command, e);
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException(
                    command + " ended with " + process.exitValue() + "\n" + Files.readString(output) + log());
        }
    }
}
