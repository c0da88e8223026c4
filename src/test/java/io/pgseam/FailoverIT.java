package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.PostgresServer.Stop;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The server crashes for good, and a standby is promoted ({@code slot.failover}). The connector reaches both under one
 * address, as by a name or an address that moves.
 */
class FailoverIT extends ConnectorScenario {

    /** The first version whose slots outlive a failover, and the newest. */
    private static final int FIRST = 17;

    private static final int NEWEST = 18;
    private static final String STANDBY = "standby";
    private static final long WAL_SEGMENT = 16 << 20;
    private static final String WAY_ON = "DELETE /connectors/<name>/offsets";
    private static final String PROMOTE = "SELECT pg_promote()";
    private static final String IN_STEP = "SELECT slot_name FROM pg_replication_slots"
            + " WHERE slot_name = 'pgseam_%s' AND synced AND NOT temporary AND invalidation_reason IS NULL";

    /** Changes are sent when the standby has them. For the primary alone: promoted, the standby has none of its own. */
    private static final String[] STANDBY_FIRST = {
        "ALTER SYSTEM SET synchronized_standby_slots = '" + STANDBY + "'", "SELECT pg_reload_conf()"
    };

    /**
     * Whether the connector still asks for a slot for failover makes no difference: the slot is one.
     *
     * @param failover {@code slot.failover} once the slot is there
     */
    @Matrix(build = "true", nightly = "false")
    void goesOnWithThePromotedStandbyWhereItWas(String failover) throws Exception {
        PostgresServer primary = closing(PostgresServer.start(NEWEST));
        TestDatabase database = primary.createDatabase();
        RandomWriter.createTables(database);
        // A large value that is read from the table may be one that the standby does not have yet.
        database.execute("ALTER TABLE document REPLICA IDENTITY FULL");
        PostgresServer standby = closing(primary.startStandby(STANDBY, database.name()));
        TcpProxy proxy = closing(TcpProxy.start(primary));
        primary.execute(STANDBY_FIRST);
        RunningConnector connector = connector(database, proxy);
        RandomWriter writer = closing(RandomWriter.start(database, 1, 1));
        TestDatabase promoted = new TestDatabase(standby, database.name());
        connector.awaitSeam();
        awaitInStep(database, promoted);
        Eventually.holds(
                "changes are streamed",
                () -> connector.replay(RandomWriter.TABLES).changes() >= 300);
        if (failover.equals("false")) {
            connector.change("slot.failover", failover);
            connector.awaitStreamed(writer);
            awaitInStep(database, promoted);
        }
        LogFile log = LogFile.fromNow();
        primary.stop(Stop.IMMEDIATE);

        proxy.leadTo(standby);
        log.awaitLine("Cannot query", "is a standby");
        log.awaitLine("Streaming from slot", "is a standby");
        assertThat(connector.status().allRunning()).isTrue();
        Map<String, String> settings = RunningConnector.settings(promoted);
        settings.put("slot.failover", failover);
        assertThat(cluster.validate("PgSeamSourceConnector", settings))
                .extractingByKey(failover.equals("true") ? "database.hostname" : "slot.name")
                .asString()
                .containsPattern("the server is a standby|is a copy of its primary's slot");
        standby.execute(PROMOTE);
        connector.sourceIsNow(promoted);
        try (RandomWriter next = RandomWriter.start(promoted, 2, 2)) {
            Eventually.holds("there are new rows", () -> next.committed() >= 100);
            next.stop();
        }
        connector.awaitReplayed(RandomWriter.TABLES);
        assertThat(connector.control("seam")).hasSize(1);
        assertThat(connector.status().allRunning()).isTrue();
    }

    /** {@code synchronized_standby_slots} is not set, and the standby lags. */
    @Test
    void aStandbyThatWasPromotedWithoutWhatKafkaHas() throws Exception {
        PostgresServer primary = closing(PostgresServer.start(FIRST));
        TestDatabase database = orders(primary);
        PostgresServer standby = closing(primary.startStandby(STANDBY, database.name()));
        TcpProxy proxy = closing(TcpProxy.start(primary));
        RunningConnector connector = connector(database, proxy);
        TestDatabase promoted = lagging(connector, standby);
        primary.stop(Stop.IMMEDIATE);
        standby.startAgain();
        standby.execute(PROMOTE);
        promoted.execute("INSERT INTO orders VALUES (3000, 'under an LSN of the other time')");
        proxy.leadTo(standby);
        assertTaskFails(connector, "the server is at ");
        assertThat(connector.awaitFailure()).contains("the server is at ", WAY_ON);

        // By its LSN alone, the server is not behind any more.
        pastInWal(promoted, connector.position());
        promoted.execute("INSERT INTO orders VALUES (3001, 'under an LSN of its own')");
        connector.restart();
        assertTaskFails(connector, "the server is on timeline 2, which left timeline 1 at ");
        assertThat(connector.replay("public.orders").changes())
                .as("nothing of the promoted server")
                .isEqualTo(100);
    }

    /** In the midst of a copy, and by another address. The slot was not one for failover. */
    @Test
    void saysThatThePromotedStandbyHasNoSlot() throws Exception {
        PostgresServer primary = closing(PostgresServer.start(FIRST));
        TestDatabase database = orders(primary);
        PostgresServer standby = closing(primary.startStandby(STANDBY, database.name()));
        RunningConnector connector = heldConnector(database, RunningConnector.smallChunks());
        connector.awaitCopySession();
        Eventually.holds(
                "the copy is committed to have begun",
                () -> !cluster.offsets(connector.name()).isEmpty());
        Lsn written = database.now();
        TestDatabase promoted = new TestDatabase(standby, database.name());
        Eventually.holds(
                "the standby has it",
                () -> !Lsn.parse(promoted.queryOne("SELECT pg_last_wal_replay_lsn()::text"))
                        .isBefore(written));
        primary.stop(Stop.IMMEDIATE);
        standby.execute(PROMOTE);
        connector.sourceIsNow(promoted);
        connector.moveTo(standby);
        assertThat(connector.awaitFailure())
                .contains("slot \"pgseam_" + database.name() + "\" is gone", "If a standby was promoted", WAY_ON);

        connector.stop();
        cluster.rest().delete("/connectors/" + connector.name() + "/offsets");
        connector.resume();
        connector.awaitSeam();
        connector.awaitReplayed("public.orders");
    }

    private static TestDatabase lagging(RunningConnector connector, PostgresServer standby) throws SQLException {
        TestDatabase database = connector.database();
        TestDatabase promoted = new TestDatabase(standby, database.name());
        connector.awaitSeam();
        awaitInStep(database, promoted);
        standby.stop(Stop.FAST);
        // So far ahead that what the promoted server writes by itself does not make up for it.
        pastInWal(database, new Lsn(database.now().value() + WAL_SEGMENT));
        database.execute("INSERT INTO orders SELECT i, 'the standby lacks it' FROM generate_series(2001, 2100) i");
        connector.awaitCaughtUp();
        return promoted;
    }

    private static void assertTaskFails(RunningConnector connector, String reason) {
        connector.awaitTraces(reason, "pgseam_" + connector.database().name(), WAY_ON);
        assertThat(connector.awaitTaskFailure()).contains(reason);
    }

    private RunningConnector connector(TestDatabase database, TcpProxy proxy) {
        return connector(
                database,
                "database.hostname=" + proxy.host(),
                "database.port=" + proxy.port(),
                "slot.failover=true",
                "table.check.interval.ms=1000",
                "status.update.interval.ms=500");
    }

    /** Ends one file of the WAL after the other, so that later LSNs are after this one. */
    private static void pastInWal(TestDatabase database, Lsn lsn) throws SQLException {
        while (!database.now().isAfter(lsn)) {
            // Only a file that has something in it is ended.
            database.query("SELECT pg_logical_emit_message(false, 'filler', 'in this file')::text");
            database.query("SELECT pg_switch_wal()::text");
        }
    }

    /** Until then the standby has no slot that outlives a promotion. */
    private static void awaitInStep(TestDatabase database, TestDatabase standby) {
        Eventually.holds(
                "the standby has the slot",
                () -> {
                    // The slot gets further at such a record only, which the server writes every 15 s by itself.
                    database.query("SELECT pg_log_standby_snapshot()::text");
                    return !standby.query(String.format(IN_STEP, database.name()))
                            .isEmpty();
                },
                () -> standby.server().log());
    }

    private static TestDatabase orders(PostgresServer server) throws SQLException {
        TestDatabase database = server.createDatabase();
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
        return database;
    }
}
