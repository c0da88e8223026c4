package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/** A server that vanishes without a word is noticed, and one that is busy is not taken for it. */
class VanishedServerIT {

    /** With it a silent server is asked after one and a half seconds. */
    private static final int CONNECT_TIMEOUT_MS = 500;

    /** Much longer than it takes to ask, and much shorter than the network's own timeouts. */
    private static final Duration SOON = Duration.ofSeconds(45);

    private TestDatabase database;
    private TcpProxy road;
    private Sessions sessions;

    @BeforeEach
    void open() throws SQLException, IOException {
        database = PostgresServer.shared(18).createDatabase();
        road = TcpProxy.start(database.server());
        sessions = new Sessions(new ConnectionSettings(
                road.host(),
                road.port(),
                database.name(),
                database.server().user(),
                database.server().password(),
                CONNECT_TIMEOUT_MS,
                Map.of(),
                "pgseam vanished"));
    }

    @AfterEach
    void close() throws Exception {
        sessions.close();
        road.close();
        database.close();
    }

    @Test
    void aServerThatVanishesIsNoticedByTheNextStatement() throws Exception {
        PgConnection session = sessions.open("test");
        road.swallowAll();
        assertFailsSoon(() -> execute(session, "SELECT 1"));
        assertFailsSoon(() -> sessions.open("test"));
        road.passAgain();
        sessions.open("test").close();
    }

    /** As where a firewall forgets a connection: the server's process waits for a client that waits for it. */
    @Test
    void aConnectionThatIsLostAloneIsNoticed() throws Exception {
        PgConnection session = sessions.open("test");
        road.swallowOpen();
        assertFailsSoon(() -> execute(session, "SELECT 1"));
    }

    @Test
    void aServerThatVanishesWhileItSendsRowsIsNoticed() throws Exception {
        PgConnection session = sessions.open("test");
        CopyOut rows = session.getCopyAPI()
                .copyOut("COPY (SELECT repeat('x', 100) FROM generate_series(1, 1000000)) TO STDOUT");
        rows.readFromCopy();
        road.swallowOpen();
        assertFailsSoon(() -> {
            while (rows.readFromCopy() != null) {
                // Up to what has arrived.
            }
        });
    }

    @Test
    void aLongSilentStatementIsLeftAlone() throws Exception {
        database.execute("CREATE TABLE held (id int)");
        try (Connection holder = database.connect();
                PgConnection session = sessions.open("test")) {
            holder.setAutoCommit(false);
            execute(holder, "LOCK TABLE held");
            execute(session, "SET lock_timeout = 0");
            CompletableFuture<Void> waiting =
                    CompletableFuture.runAsync(() -> unchecked(() -> execute(session, "TABLE public.held")));
            awaitAsked(2);
            assertThat(waiting).as("it waits for a lock").isNotDone();
            holder.commit();
            waiting.get(SOON.toSeconds(), TimeUnit.SECONDS);
            execute(session, "SELECT pg_sleep(3)");
        }
    }

    @Test
    void aReplicationSessionIsAskedForAWord() throws Exception {
        database.execute(
                "SELECT pg_create_logical_replication_slot('vanished', 'pgoutput')", "CREATE PUBLICATION vanished");
        PgConnection session = sessions.openReplication("stream");
        var stream = session.getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName("vanished")
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", "vanished")
                .withStatusInterval(0, TimeUnit.SECONDS)
                .start();
        long begin = System.nanoTime();
        boolean asked = false;
        while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(4)) {
            asked |= readQuietly(session, stream);
        }
        assertThat(asked).as("a quiet server is asked for a word").isTrue();
        road.swallowOpen();
        assertFailsSoon(() -> {
            while (true) {
                readQuietly(session, stream);
            }
        });
    }

    private boolean readQuietly(PgConnection session, org.postgresql.replication.PGReplicationStream stream)
            throws SQLException {
        boolean ask = false;
        if (stream.readPending() == null) {
            ask = sessions.ensurePresent(session);
            if (ask) {
                stream.forceUpdateStatus();
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return ask;
    }

    /** Waits until another session has asked so many times what the server process does: those leave their mark in its log. */
    private void awaitAsked(int times) throws SQLException {
        long before = sessionsSoFar();
        Eventually.holds("the server was asked " + times + " times", SOON, () -> sessionsSoFar() >= before + times);
    }

    private long sessionsSoFar() throws SQLException {
        return Long.parseLong(
                database.queryOne("SELECT sessions FROM pg_stat_database WHERE datname = current_database()"));
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void unchecked(Action action) {
        try {
            action.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertFailsSoon(Action action) {
        CompletableFuture<Void> running = CompletableFuture.runAsync(() -> unchecked(action));
        assertThatThrownBy(() -> running.get(SOON.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .rootCause()
                .satisfiesAnyOf(
                        cause -> assertThat(cause).isInstanceOf(IOException.class),
                        cause -> assertThat(cause).isInstanceOf(SQLException.class));
    }
}
