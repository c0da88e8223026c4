package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
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
class SlotTroubleIT {

    private static final String DROP = "SELECT pg_drop_replication_slot(slot_name)::text || 'dropped'"
            + " FROM pg_replication_slots WHERE database = current_database() AND NOT active";
    private static final String ADVANCE =
            "SELECT end_lsn::text FROM pg_replication_slots, pg_replication_slot_advance(slot_name, pg_current_wal_lsn())"
                    + " WHERE database = current_database()";
    private static final String[] WAYS_ON = {"DELETE /connectors/<name>/offsets", "another topic.prefix"};

    /** So little that a test can write more. */
    private static final Map<String, String> LITTLE_WAL =
            Map.of("max_slot_wal_keep_size", "1MB", "min_wal_size", "32MB");

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Test
    void aSlotThatIsDroppedWhileItIsStreamed() throws Exception {
        try (TestDatabase database = database(PostgresServer.shared(17));
                RunningConnector connector = streaming(database, "slot_dropped")) {
            Eventually.holds("the slot is dropped", RunningConnector.TIMEOUT, () -> {
                database.endSlotReaders();
                return !database.query(DROP).isEmpty();
            });
            database.execute("INSERT INTO orders VALUES (2000, 'never to be seen')");
            assertThat(connector.awaitFailure())
                    .contains(
                            "\"pgseam_" + database.name() + "\" is gone",
                            connector.position().toString())
                    .contains(WAYS_ON);
            assertThat(connector.awaitTaskFailure())
                    .contains(
                            "\"pgseam_" + database.name() + "\"",
                            "does not exist",
                            connector.position().toString())
                    .contains(WAYS_ON);
            assertThat(connector.replay("public.orders").changes()).isZero();
        }
    }

    @Test
    void aSlotThatIsDroppedAndMadeAnewWhileTheConnectorIsStopped() throws Exception {
        try (TestDatabase database = database(PostgresServer.shared(18));
                RunningConnector connector = streaming(database, "slot_made_anew")) {
            cluster.stop(connector.name());
            database.query(DROP);
            cluster.resume(connector.name());
            assertThat(connector.awaitFailure())
                    .contains("is gone", connector.position().toString())
                    .contains(WAYS_ON);

            cluster.stop(connector.name());
            database.execute(
                    "INSERT INTO orders VALUES (2000, 'never to be seen')",
                    "SELECT pg_create_logical_replication_slot('pgseam_" + database.name() + "', 'pgoutput')",
                    "INSERT INTO orders VALUES (2001, 'nor this')");
            cluster.resume(connector.name());
            cluster.awaitStatus(
                    connector.name(),
                    "fails",
                    RunningConnector.TIMEOUT,
                    status -> status.connector().is("FAILED")
                            && status.connector().trace().contains("made the slot anew"));
            assertThat(connector.replay("public.orders").changes()).isZero();
        }
    }

    @Test
    void aSlotThatSomebodyElseAdvancesWhileTheConnectorIsStopped() throws Exception {
        try (TestDatabase database = database(PostgresServer.shared(17));
                RunningConnector connector = streaming(database, "slot_advanced")) {
            cluster.stop(connector.name());
            database.execute("INSERT INTO orders VALUES (2000, 'never to be seen')");
            String advanced = database.queryOne(ADVANCE);
            cluster.resume(connector.name());
            assertThat(connector.awaitFailure())
                    .contains("pgseam_" + database.name(), "is confirmed up to " + advanced, "somebody else has read")
                    .contains(connector.position().toString())
                    .contains(WAYS_ON);
            assertThat(connector.replay("public.orders").changes()).isZero();
        }
    }

    /** Between two looks of the leader: the task sees it by itself, before it takes the first change. */
    @Test
    void aSlotThatSomebodyElseAdvancesBetweenTwoSessions() throws Exception {
        try (TestDatabase database = database(PostgresServer.shared(18));
                RunningConnector connector = streaming(database, "slot_advanced_between")) {
            Eventually.holds("the slot is advanced", RunningConnector.TIMEOUT, () -> {
                database.endSlotReaders();
                database.execute("INSERT INTO orders SELECT max(id) + 1, 'never to be seen' FROM orders");
                return !database.query(ADVANCE).isEmpty();
            });
            long before = connector.replay("public.orders").changes();
            database.execute("INSERT INTO orders VALUES (9000, 'not without those before')");
            assertThat(connector.awaitTaskFailure())
                    .contains("pgseam_" + database.name(), "is confirmed up to", "somebody else has read")
                    .contains(WAYS_ON);
            assertThat(connector.replay("public.orders").changes()).isEqualTo(before);
        }
    }

    @Test
    void aSlotThatSomebodyElseReads() throws Exception {
        try (TestDatabase database = database(PostgresServer.shared(17));
                RunningConnector connector = streaming(database, "slot_shared")) {
            cluster.stop(connector.name());
            LogFile log = LogFile.fromNow();
            try (PgConnection other = new Sessions(database.connectionSettings()).openReplication("other")) {
                read(database, other);
                database.execute("INSERT INTO orders VALUES (2000, 'waits')");
                cluster.resume(connector.name());
                Eventually.holds(
                        "the task says who reads the slot",
                        RunningConnector.TIMEOUT,
                        () -> !log.lines(
                                        "pgseam_" + database.name(),
                                        "is active for PID " + other.getBackendPID(),
                                        "tries again")
                                .isEmpty());
                assertThat(cluster.status(connector.name()).anyFailed()).isFalse();
                assertThat(connector.replay("public.orders").changes()).isZero();
            }
            connector.awaitReplayed("public.orders").assertNoDuplicates();
        }
    }

    @Test
    void aSlotThatIsInvalidatedWhileTheConnectorIsStopped() throws Exception {
        try (PostgresServer server = PostgresServer.start(17, LITTLE_WAL);
                TestDatabase database = database(server);
                RunningConnector connector = streaming(database, "slot_invalidated")) {
            cluster.stop(connector.name());
            fillWalUntil("lost", database);
            cluster.resume(connector.name());
            assertThat(connector.awaitFailure())
                    .contains("pgseam_" + database.name(), "invalidated by the server", "max_slot_wal_keep_size")
                    .contains(connector.position().toString())
                    .contains(WAYS_ON);
            assertThat(connector.replay("public.orders").changes()).isZero();
        }
    }

    @Test
    void aSlotThatIsInvalidatedWhileTheConnectorIsPaused() throws Exception {
        try (PostgresServer server = PostgresServer.start(14, LITTLE_WAL);
                TestDatabase database = database(server);
                RunningConnector connector = streaming(database, "slot_invalidated_paused")) {
            cluster.pause(connector.name());
            fillWalUntil("lost", database);
            cluster.resume(connector.name());
            assertThat(connector.awaitFailure())
                    .contains("invalidated by the server")
                    .contains(WAYS_ON);
            assertThat(connector.awaitTaskFailure())
                    .contains("pgseam_" + database.name())
                    .contains(WAYS_ON);
        }
    }

    @Test
    void aSlotThatIsInvalidatedWhileTablesAreCopied() throws Exception {
        try (PostgresServer server = PostgresServer.start(18, LITTLE_WAL);
                TestDatabase database = database(server)) {
            database.execute(
                    "INSERT INTO orders SELECT i, 'keeps the task at work' FROM generate_series(1001, 60000) i",
                    "CREATE TABLE later (id int PRIMARY KEY)",
                    "INSERT INTO later VALUES (1)");
            LogFile log = LogFile.fromNow();
            try (RunningConnector connector = RunningConnector.createHeld(
                    cluster, database, "slot_invalidated_copying", RunningConnector.smallChunks("tasks.max", "1"))) {
                try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "later")) {
                    fillWalUntil("unreserved", database);
                    Eventually.holds(
                            "the log warns",
                            RunningConnector.TIMEOUT,
                            () -> !log.lines("WARN", "pgseam_" + database.name(), "about to be invalidated")
                                    .isEmpty());
                    fillWalUntil("lost", database);
                    assertThat(connector.awaitFailure())
                            .contains(
                                    "pgseam_" + database.name(), "invalidated by the server", "max_slot_wal_keep_size")
                            .contains(WAYS_ON);
                    Eventually.holds(
                            "nothing is copied any more",
                            RunningConnector.TIMEOUT,
                            () -> cluster.status(connector.name()).tasks().isEmpty());
                    gate.open();
                }
                assertThat(connector.control("seam")).isEmpty();
            }
        }
    }

    @Test
    void aServerThatIsRestoredToAnEarlierTime() throws Exception {
        try (PostgresServer server = PostgresServer.start(17);
                TestDatabase database = database(server);
                RunningConnector connector = streaming(database, "restored")) {
            server.stop(Stop.FAST);
            server.keepData();
            server.startAgain();
            database.execute("INSERT INTO orders SELECT i, 'of the other time' FROM generate_series(2001, 2100) i");
            connector.awaitCaughtUp();
            server.stop(Stop.FAST);
            server.putDataBack();
            server.startAgain();
            database.execute("INSERT INTO orders VALUES (2000, 'under an LSN of the other time')");
            assertThat(connector.awaitFailure())
                    .contains("the server is at", connector.position().toString(), "restored to an earlier time")
                    .contains("pgseam_" + database.name())
                    .contains(WAYS_ON);
            assertThat(connector.awaitTaskFailure())
                    .contains("restored to an earlier time")
                    .contains(WAYS_ON);
            assertThat(connector.replay("public.orders").changes()).isEqualTo(100);
        }
    }

    @Test
    void aSlotForFailover() throws Exception {
        for (int version : new int[] {17, 18}) {
            try (TestDatabase database = database(PostgresServer.shared(version));
                    RunningConnector connector = RunningConnector.create(
                            cluster, database, "slot_failover_" + version, "slot.failover", "true")) {
                connector.awaitSeam();
                assertThat(database.query("SELECT failover::text FROM pg_replication_slots WHERE slot_name = 'pgseam_"
                                + database.name() + "'"))
                        .containsExactly("true");
                database.execute("INSERT INTO orders VALUES (2000, 'streamed')");
                connector.awaitReplayed("public.orders").assertNoDuplicates();
            }
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
        Eventually.holds("the slot is " + status, RunningConnector.TIMEOUT, () -> {
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

    private RunningConnector streaming(TestDatabase database, String name) throws Exception {
        RunningConnector connector = RunningConnector.create(cluster, database, name);
        connector.awaitSeam();
        connector.awaitCaughtUp();
        return connector;
    }

    private static TestDatabase database(PostgresServer server) throws SQLException {
        TestDatabase database = server.createDatabase();
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
        return database;
    }
}
