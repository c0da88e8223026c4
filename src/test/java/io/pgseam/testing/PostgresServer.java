package io.pgseam.testing;

import io.pgseam.pg.session.ConnectionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.PGProperty;

/**
 * A real PostgreSQL server of one major version, ready for logical replication.
 *
 * <p>14, 17 and 18 run as processes of this machine, 15 in a container. Either logs in by SCRAM passwords, over TCP only.
 * Tests share servers by {@link #shared} and take a database each by {@link #createDatabase}; a test that restarts a
 * server, changes its settings or counts its slots starts one of its own. What is still open when the JVM ends is closed
 * by a shutdown hook.
 */
public abstract class PostgresServer implements AutoCloseable {

    /** How {@link #restart} stops the server. */
    public enum Stop {
        /** As an administrator does it: sessions are ended, a checkpoint is written. */
        FAST,
        /** As a crash does it: everything stops at once, and the start recovers from the WAL. */
        IMMEDIATE
    }

    /** The superuser that initdb makes; it may replicate. */
    public static final String SUPERUSER = "postgres";

    /** The database that initdb makes. */
    public static final String MAINTENANCE_DATABASE = "postgres";

    static final String SUPERUSER_PASSWORD = "postgres";
    static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private static final Map<Integer, PostgresServer> SHARED = new ConcurrentHashMap<>();
    private static final Set<PostgresServer> OPEN = Collections.newSetFromMap(new ConcurrentHashMap<>());

    static {
        // Tests close in SharedFixtures already; this is for other programs, and for a JVM that is asked to end early.
        Runtime.getRuntime().addShutdownHook(new Thread(PostgresServer::closeAll, "close-postgres"));
    }

    /** Of all servers of the JVM: connectors name topics after their databases, and share a broker. */
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final int version;

    PostgresServer(int version) {
        this.version = version;
    }

    /**
     * Starts a server that belongs to the caller, who closes it.
     *
     * @throws org.opentest4j.TestAbortedException where the version needs Docker, and Docker does not answer
     */
    public static PostgresServer start(int version) {
        return start(version, Map.of());
    }

    /**
     * Starts a server that belongs to the caller, who closes it.
     *
     * @param settings settings of the server by name, over the ones that every test server gets
     * @throws org.opentest4j.TestAbortedException where the version needs Docker, and Docker does not answer
     */
    public static PostgresServer start(int version, Map<String, String> settings) {
        Map<String, String> effective = defaultSettings();
        effective.putAll(settings);
        PostgresServer server = PostgresBinaries.has(version)
                ? ProcessPostgresServer.launch(version, effective)
                : ContainerPostgresServer.launch(version, effective);
        OPEN.add(server);
        return server;
    }

    /**
     * The server of this version that all tests of the JVM share; started by the first who asks. Do not close it, and do
     * not change what belongs to the whole server.
     *
     * @throws org.opentest4j.TestAbortedException where the version needs Docker, and Docker does not answer
     */
    public static PostgresServer shared(int version) {
        return SHARED.computeIfAbsent(version, PostgresServer::start);
    }

    /** Lets every server read a file that its settings name, and the directory that the file is in. */
    public static Path readable(Path file) throws IOException {
        OrdinaryUser.give(file.toAbsolutePath().getParent());
        OrdinaryUser.give(file);
        return file;
    }

    /** Closes what is open, shared servers too. */
    static void closeAll() {
        List.copyOf(OPEN).forEach(PostgresServer::close);
        ProcessPostgresServer.forgetInitialised();
    }

    /** What every test server runs with, unless told otherwise. */
    private static Map<String, String> defaultSettings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("wal_level", "logical");
        settings.put("max_replication_slots", "20");
        settings.put("max_wal_senders", "20");
        settings.put("max_connections", "200");
        // A crash of the machine may cost a test its database; a crash of the server (IMMEDIATE) costs nothing.
        settings.put("fsync", "off");
        return settings;
    }

    public final int version() {
        return version;
    }

    public abstract String host();

    public abstract int port();

    public final String user() {
        return SUPERUSER;
    }

    public final String password() {
        return SUPERUSER_PASSWORD;
    }

    /** The URL of the maintenance database, without user and password. */
    public final String jdbcUrl() {
        return jdbcUrl(MAINTENANCE_DATABASE);
    }

    final String jdbcUrl(String database) {
        return "jdbc:postgresql://" + host() + ":" + port() + "/"
                + java.net.URLEncoder.encode(database, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Opens a session of the superuser with the maintenance database; autocommit is on. */
    public final Connection connect() throws SQLException {
        return connect(MAINTENANCE_DATABASE, SUPERUSER, SUPERUSER_PASSWORD);
    }

    final Connection connect(String database, String user, String password) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, user);
        PGProperty.PASSWORD.set(properties, password);
        PGProperty.APPLICATION_NAME.set(properties, "test");
        return DriverManager.getConnection(jdbcUrl(database), properties);
    }

    /** Runs statements in the maintenance database as the superuser, each committed by itself. */
    public final void execute(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            execute(connection, statements);
        }
    }

    public static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** How the connector reaches a database of this server as the superuser. */
    public final ConnectionSettings connectionSettings(String database) {
        return new ConnectionSettings(
                host(), port(), database, SUPERUSER, SUPERUSER_PASSWORD, 10_000, Map.of(), "pgseam test");
    }

    /** Makes a database with a name of its own, for one test. */
    public final TestDatabase createDatabase() throws SQLException {
        return createDatabase("test_" + DATABASES.incrementAndGet());
    }

    /**
     * Makes a database for one test.
     *
     * @param name any name; it is quoted
     */
    public final TestDatabase createDatabase(String name) throws SQLException {
        return createDatabase(name, "");
    }

    /**
     * Makes a database for one test.
     *
     * @param name any name; it is quoted
     * @param options what follows on the name in {@code CREATE DATABASE}
     */
    public final TestDatabase createDatabase(String name, String options) throws SQLException {
        execute("CREATE DATABASE " + quoted(name) + " " + options);
        return new TestDatabase(this, name);
    }

    /** Quotes an identifier. */
    public static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** Stops the server and starts it again at the same port; returns when it accepts sessions. */
    public final void restart(Stop stop) {
        stop(stop);
        startAgain();
    }

    /** Stops the server; it keeps its data and its port for {@link #startAgain}. */
    public abstract void stop(Stop stop);

    /** Starts a stopped server at its old port; returns when it accepts sessions. */
    public abstract void startAgain();

    /** Starts a stopped server as {@code pg_upgrade} does, so that a session can say which OIDs new objects get. */
    void startForUpgrade() {
        throw new UnsupportedOperationException(this + " is not upgraded to");
    }

    /**
     * Keeps the data of the stopped server as it is now, for {@link #putDataBack}.
     *
     * @throws UnsupportedOperationException where the server runs in a container
     */
    public void keepData() {
        throw new UnsupportedOperationException(this + " keeps no copy of its data");
    }

    /** Gives the stopped server the data that was kept last, as a restore to that time does. */
    public void putDataBack() {
        throw new UnsupportedOperationException(this + " keeps no copy of its data");
    }

    /**
     * Starts a standby of this server as it is now, which follows it through a physical slot; it belongs to the caller.
     *
     * @param slot name of the physical slot, which is made for it
     * @param database a database of this server, through which the standby learns of slots for failover (PostgreSQL 17 and later)
     * @throws UnsupportedOperationException where the server runs in a container
     */
    public final PostgresServer startStandby(String slot, String database) throws SQLException {
        PostgresServer standby = launchStandby(slot, database);
        OPEN.add(standby);
        return standby;
    }

    PostgresServer launchStandby(String slot, String database) throws SQLException {
        throw new UnsupportedOperationException(this + " has no standby");
    }

    /** The log that the server has written so far. */
    public abstract String log();

    /** Ends the server's processes and removes its data. Closing twice does nothing. */
    @Override
    public final void close() {
        if (OPEN.remove(this)) {
            SHARED.remove(version, this);
            discard();
        }
    }

    /** Ends the processes without ceremony, then removes the data. */
    abstract void discard();

    @Override
    public final String toString() {
        return "PostgreSQL " + version + " at " + host() + ":" + port();
    }
}
