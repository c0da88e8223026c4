package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.PostgresServer.Stop;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.jdbc.PgConnection;

/** A slot that no longer has what is not in Kafka yet: the connector says so, and makes no record that hides it (I10). */
class SlotTroubleIT extends ConnectorScenario {

    private static final String DROP = "SELECT pg_drop_replication_slot(slot_name)::text || 'dropped'"
            + " FROM pg_replication_slots WHERE database = current_database() AND NOT active";
    private static final String ADVANCE =
            "SELECT end_lsn::text FROM pg_replication_slots, pg_replication_slot_advance(slot_name, pg_current_wal_lsn())"
                    + " WHERE database = current_database()";
    private static final String[] WAYS_ON = {"DELETE /connectors/<name>/offsets", "another topic.prefix"};

    /** So little that a test can write more. */
    private static final Map<String, String> LITTLE_WAL =
            Map.of("max_slot_wal_keep_size", "1MB", "min_wal_size", "32MB");

    @Test
    void aSlotThatIsDroppedWhileItIsStreamed() throws Exception {
        TestDatabase database = orders(17);
        RunningConnector connector = streaming(database);
        Eventually.holds("the slot is dropped", () -> {
            database.endSlotReaders();
            return !database.query(DROP).isEmpty();
        });
        database.execute("INSERT INTO orders VALUES (2000, 'never to be seen')");
        assertSays(
                connector.awaitFailure(),
                "\"pgseam_" + database.name() + "\" is gone",
                connector.position().toString());
        assertSays(
                connector.awaitTaskFailure(),
                "\"pgseam_" + database.name() + "\"",
                "does not exist",
                connector.position().toString());
        assertThat(connector.replay("public.orders").changes()).isZero();
    }

    @Test
    void aSlotThatIsDroppedAndMadeAnewWhileTheConnectorIsStopped() throws Exception {
        TestDatabase database = orders(18);
        RunningConnector connector = streaming(database);
        connector.stop();
        database.query(DROP);
        connector.resume();
        assertSays(connector.awaitFailure(), "is gone", connector.position().toString());

        connector.stop();
        database.execute(
                "INSERT INTO orders VALUES (2000, 'never to be seen')",
                "SELECT pg_create_logical_replication_slot('pgseam_" + database.name() + "', 'pgoutput')",
                "INSERT INTO orders VALUES (2001, 'nor this')");
        connector.resume();
        connector.awaitTraces("made the slot anew");
        assertThat(connector.replay("public.orders").changes()).isZero();
    }

    @Test
    void aSlotThatSomebodyElseAdvancesWhileTheConnectorIsStopped() throws Exception {
        TestDatabase database = orders(17);
        RunningConnector connector = streaming(database);
        connector.stop();
        database.execute("INSERT INTO orders VALUES (2000, 'never to be seen')");
        String advanced = database.queryOne(ADVANCE);
        connector.resume();
        assertSays(
                connector.awaitFailure(),
                "pgseam_" + database.name(),
                "is confirmed up to " + advanced,
                "somebody else has read",
                connector.position().toString());
        assertThat(connector.replay("public.orders").changes()).isZero();
    }

    /** Between two looks of the leader: the task sees it by itself, before it takes the first change. */
    @Test
    void aSlotThatSomebodyElseAdvancesBetweenTwoSessions() throws Exception {
        TestDatabase database = orders(18);
        RunningConnector connector = streaming(database);
        Eventually.holds("the slot is advanced", () -> {
            database.endSlotReaders();
            database.execute("INSERT INTO orders SELECT max(id) + 1, 'never to be seen' FROM orders");
            return !database.query(ADVANCE).isEmpty();
        });
        long before = connector.replay("public.orders").changes();
        database.execute("INSERT INTO orders VALUES (9000, 'not without those before')");
        assertSays(
                connector.awaitTaskFailure(),
                "pgseam_" + database.name(),
                "is confirmed up to",
                "somebody else has read");
        assertThat(connector.replay("public.orders").changes()).isEqualTo(before);
    }

    @Test
    void aSlotThatSomebodyElseReads() throws Exception {
        TestDatabase database = orders(17);
        RunningConnector connector = streaming(database);
        connector.stop();
        LogFile log = LogFile.fromNow();
        try (PgConnection other = new Sessions(database.connectionSettings()).openReplication("other")) {
            read(database, other);
            database.execute("INSERT INTO orders VALUES (2000, 'waits')");
            connector.resume();
            log.awaitLine("pgseam_" + database.name(), "is active for PID " + other.getBackendPID(), "tries again");
            assertThat(connector.status().anyFailed()).isFalse();
            assertThat(connector.replay("public.orders").changes()).isZero();
        }
        connector.awaitReplayed("public.orders");
    }

    @Test
    void aSlotThatIsInvalidatedWhileTheConnectorIsStopped() throws Exception {
        PostgresServer server = closing(PostgresServer.start(17, LITTLE_WAL));
        TestDatabase database = orders(server);
        RunningConnector connector = streaming(database);
        connector.stop();
        fillWalUntil("lost", database);
        connector.resume();
        assertSays(
                connector.awaitFailure(),
                "pgseam_" + database.name(),
                "invalidated by the server",
                "max_slot_wal_keep_size",
                connector.position().toString());
        assertThat(connector.replay("public.orders").changes()).isZero();
    }

    @Test
    void aSlotThatIsInvalidatedWhileTheConnectorIsPaused() throws Exception {
        PostgresServer server = closing(PostgresServer.start(14, LITTLE_WAL));
        TestDatabase database = orders(server);
        RunningConnector connector = streaming(database);
        connector.pause();
        fillWalUntil("lost", database);
        connector.resume();
        assertSays(connector.awaitFailure(), "invalidated by the server");
        assertSays(connector.awaitTaskFailure(), "pgseam_" + database.name());
    }

    @Test
    void aSlotThatIsInvalidatedWhileTablesAreCopied() throws Exception {
        PostgresServer server = closing(PostgresServer.start(18, LITTLE_WAL));
        TestDatabase database = orders(server);
        database.execute(
                "INSERT INTO orders SELECT i, 'keeps the task at work' FROM generate_series(1001, 60000) i",
                "CREATE TABLE later (id int PRIMARY KEY)",
                "INSERT INTO later VALUES (1)");
        LogFile log = LogFile.fromNow();
        RunningConnector connector = heldConnector(database, RunningConnector.smallChunks("tasks.max=1"));
        try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "later")) {
            fillWalUntil("unreserved", database);
            log.awaitLine("WARN", "pgseam_" + database.name(), "about to be invalidated");
            fillWalUntil("lost", database);
            assertSays(
                    connector.awaitFailure(),
                    "pgseam_" + database.name(),
                    "invalidated by the server",
                    "max_slot_wal_keep_size");
            Eventually.holds(
                    "nothing is copied any more",
                    () -> connector.status().tasks().isEmpty());
            gate.open();
        }
        assertThat(connector.control("seam")).isEmpty();
    }

    @Test
    void aServerThatIsRestoredToAnEarlierTime() throws Exception {
        PostgresServer server = closing(PostgresServer.start(17));
        TestDatabase database = orders(server);
        RunningConnector connector = streaming(database);
        server.stop(Stop.FAST);
        server.keepData();
        server.startAgain();
        database.execute("INSERT INTO orders SELECT i, 'of the other time' FROM generate_series(2001, 2100) i");
        connector.awaitCaughtUp();
        server.stop(Stop.FAST);
        server.putDataBack();
        server.startAgain();
        database.execute("INSERT INTO orders VALUES (2000, 'under an LSN of the other time')");
        assertSays(
                connector.awaitFailure(),
                "the server is at",
                connector.position().toString(),
                "restored to an earlier time",
                "pgseam_" + database.name());
        assertSays(connector.awaitTaskFailure(), "restored to an earlier time");
        assertThat(connector.replay("public.orders").changes()).isEqualTo(100);
    }

    @Test
    void aSlotForFailover() throws Exception {
        for (int version : new int[] {17, 18}) {
            TestDatabase database = orders(version);
            RunningConnector connector = connector(database, "slot.failover=true");
            connector.awaitSeam();
            assertThat(database.query("SELECT failover::text FROM pg_replication_slots WHERE slot_name = 'pgseam_"
                            + database.name() + "'"))
                    .containsExactly("true");
            database.execute("INSERT INTO orders VALUES (2000, 'streamed')");
            connector.awaitReplayed("public.orders");
        }
    }

    /** Holds the slot as another consumer does, and confirms nothing. */
    private static void read(TestDatabase database, PgConnection other) throws SQLException {
        String slot = "pgseam_" + database.name();
        other.getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot)
                .withAutomaticFlush(false)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", slot)
                .start();
    }

    /** Not in the table, so that nothing of it is ever sent. */
    private static void fillWalUntil(String status, TestDatabase database) {
        Eventually.holds("the slot is " + status, () -> {
            String now =
                    database.queryOne("SELECT coalesce(wal_status, '') FROM pg_replication_slots WHERE NOT temporary");
            if (now.equals(status)) {
                return true;
            }
            database.query("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000))::text");
            database.query("SELECT pg_switch_wal()::text");
            if (!status.equals("unreserved")) {
                database.execute("CHECKPOINT");
            }
            return false;
        });
    }

    private RunningConnector streaming(TestDatabase database) throws Exception {
        RunningConnector connector = connector(database);
        connector.awaitSeam();
        connector.awaitCaughtUp();
        return connector;
    }

    private TestDatabase orders(int version) throws Exception {
        return orders(PostgresServer.shared(version));
    }

    private TestDatabase orders(PostgresServer server) throws Exception {
        return database(
                server,
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
    }

    /** That a failure says these things, and what can be done. */
    private static void assertSays(String trace, String... texts) {
        assertThat(trace).contains(texts).contains(WAYS_ON);
    }
}
