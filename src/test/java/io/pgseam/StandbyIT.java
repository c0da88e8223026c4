package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.ReplayLag;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.PostgresServer.Stop;
import io.pgseam.testing.RunningTransactionsLog;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The source is a standby: it is copied and streamed, and its primary learns nothing of that. */
class StandbyIT extends ConnectorScenario {

    private static final int NEWEST = 18;
    private static final String SLOT = "standby";

    /** The log has every session and every statement, with the name of the application. */
    private static final Map<String, String> TALKATIVE = Map.of(
            "log_statement",
            "all",
            "log_connections",
            "on",
            "log_replication_commands",
            "on",
            "log_line_prefix",
            "[%a] ");

    /** Nothing is removed but what a test removes. */
    private static final Map<String, String> QUIET =
            Map.of("autovacuum", "off", "log_statement", "all", "log_line_prefix", "[%a] ");

    private static final String OURS = "\\[pgseam |application_name=pgseam ";

    @Test
    void copiesAndStreamsFromAStandbyAndAsksThePrimaryNothing() throws Exception {
        PostgresServer primary = closing(PostgresServer.start(NEWEST, TALKATIVE));
        TestDatabase database = primary.createDatabase();
        RandomWriter.createTables(database);
        database.execute(
                "CREATE TABLE passing (id bigint PRIMARY KEY)",
                "INSERT INTO passing SELECT generate_series(1, 10)",
                "CREATE PUBLICATION shop FOR TABLE account, document, event, passing");
        PostgresServer standby = closing(primary.startStandby(SLOT, database.name()));
        LogFile log = LogFile.fromNow();

        RunningConnector connector = onStandby(
                database, standby, RunningConnector.smallChunks("tasks.max=3", "table.check.interval.ms=1000"));
        log.awaitLine("Creating slot", "on the standby has been waiting", "SELECT pg_log_standby_snapshot()");
        closing(RunningTransactionsLog.of(database));
        RandomWriter writer = closing(RandomWriter.start(database, 1, 1));
        connector.awaitSeam();
        connector.awaitStreamed(writer);

        database.execute(
                "CREATE TABLE added (id bigint PRIMARY KEY, note text)",
                "INSERT INTO added SELECT i, 'before' FROM generate_series(1, 2000) i",
                "ALTER PUBLICATION shop ADD TABLE added",
                "INSERT INTO added SELECT i, 'after' FROM generate_series(2001, 2100) i",
                "DROP TABLE passing");
        connector.awaitSeam(2);
        Eventually.holds(
                "the dropped table is told of",
                () -> !connector.control("dropped").isEmpty());
        connector.awaitStreamed(writer);
        writer.stop();
        connector.awaitReplayed(withAdded());

        assertThat(connector.status().allRunning()).isTrue();
        assertThat(primary.log()).contains("CREATE PUBLICATION shop").doesNotContainPattern(OURS);
        assertThat(standby.log()).containsPattern(OURS);
    }

    /** The connector makes its publication on the primary, which is idle, and asks nothing else of it. */
    @Test
    void outlivesConflictsRestartsAndThePromotionOfTheStandby() throws Exception {
        PostgresServer primary = closing(PostgresServer.start(NEWEST, QUIET));
        TestDatabase database = primary.createDatabase();
        RandomWriter.createTables(database);
        PostgresServer standby = closing(primary.startStandby(SLOT, database.name()));
        TestDatabase onStandby = new TestDatabase(standby, database.name());
        LogFile log = LogFile.fromNow();
        RunningConnector connector = closing(RunningConnector.createHeld(
                cluster,
                onStandby,
                database.name(),
                RunningConnector.smallChunks(
                        "primary.hostname=" + primary.host(),
                        "primary.port=" + primary.port(),
                        "table.include.list=public[.](account|document|event|added)",
                        "table.check.interval.ms=1000",
                        "tasks.max=2")));
        connector.awaitCopySession();

        loseTheSnapshot(database, standby, log);
        connector.hurry();
        connector.awaitSeam(2);

        RandomWriter writer = closing(RandomWriter.start(database, 1, 1));
        database.execute(
                "CREATE TABLE added (id bigint PRIMARY KEY, note text)",
                "INSERT INTO added SELECT i, 'before' FROM generate_series(1, 2000) i");
        connector.awaitSeam(3);
        standby.restart(Stop.IMMEDIATE);
        writer.awaitMore(50);
        cutOff(standby, onStandby, writer);
        writer.stop();
        awaitEverything(connector, database.now());

        assertThat(sessionsWith(primary))
                .contains("publication", "standby snapshot")
                .isSubsetOf("preflight", "publication", "blockers", "standby snapshot");
        standby.execute("SELECT pg_promote()");
        RandomWriter next = closing(RandomWriter.start(onStandby, 2, 2));
        log.awaitLine("The standby was promoted");
        next.awaitMore(100);
        next.stop();
        connector.awaitReplayed(withAdded());
        connector.restart();
        onStandby.execute("UPDATE account SET owner = 'after the promotion' WHERE id > 5900");
        connector.awaitReplayed(withAdded());
        assertThat(connector.status().allRunning()).isTrue();
    }

    /** Without feedback, the primary removes rows that the snapshot shows, and the standby does not wait. */
    private static void loseTheSnapshot(TestDatabase database, PostgresServer standby, LogFile log)
            throws SQLException {
        standby.execute(
                "ALTER SYSTEM SET hot_standby_feedback = off",
                "ALTER SYSTEM SET max_standby_streaming_delay = 0",
                "SELECT pg_reload_conf()");
        Eventually.holds(
                "the primary keeps nothing for the standby",
                () -> database.query("SELECT 1::text FROM pg_replication_slots WHERE xmin IS NOT NULL")
                        .isEmpty());
        database.execute("DELETE FROM account WHERE id <= 3000", "VACUUM account");
        log.awaitLine("Opening anchor", "max_standby_streaming_delay");
        standby.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    }

    private static void cutOff(PostgresServer standby, TestDatabase onStandby, RandomWriter writer)
            throws SQLException {
        String conninfo = onStandby.queryOne("SHOW primary_conninfo");
        standby.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'", "SELECT pg_reload_conf()");
        Eventually.holds(
                "the standby is cut off",
                () -> onStandby
                        .query("SELECT pid::text FROM pg_stat_wal_receiver")
                        .isEmpty());
        try (Connection session = onStandby.connect()) {
            assertThat(ReplayLag.read(session)).hasValueSatisfying(lag -> {
                assertThat(lag.connected()).isFalse();
                assertThat(lag.ms()).isPositive();
            });
        }
        writer.awaitMore(50);
        standby.execute("ALTER SYSTEM SET primary_conninfo = '" + conninfo + "'", "SELECT pg_reload_conf()");
        writer.awaitMore(50);
    }

    private static void awaitEverything(RunningConnector connector, Lsn last) throws SQLException {
        Eventually.holds(
                "the standby has everything",
                () -> connector
                                .database()
                                .query("SELECT 1::text WHERE pg_last_wal_replay_lsn() >= '" + last + "'")
                                .size()
                        == 1);
        Eventually.holds(
                "the stream is past " + last, () -> !connector.position().isBefore(last));
    }

    /** What the connector has opened sessions with a server for. */
    private static Set<String> sessionsWith(PostgresServer server) {
        return Pattern.compile("\\[pgseam \\S+ ([a-z ]+)\\]")
                .matcher(server.log())
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    /** What the primary removes from its catalogue is lost to a slot of a standby that gives no feedback. */
    @Test
    void aSlotThatTheStandbyHadToInvalidate() throws Exception {
        PostgresServer primary = closing(PostgresServer.start(NEWEST, QUIET));
        TestDatabase database = primary.createDatabase();
        database.execute("CREATE TABLE account (id bigint PRIMARY KEY)", "CREATE PUBLICATION shop FOR TABLE account");
        PostgresServer standby = closing(primary.startStandby(SLOT, database.name()));
        TestDatabase onStandby = new TestDatabase(standby, database.name());
        closing(RunningTransactionsLog.of(database));
        RunningConnector connector = onStandby(database, standby);
        connector.awaitSeam();
        standby.execute("ALTER SYSTEM SET hot_standby_feedback = off", "SELECT pg_reload_conf()");
        Eventually.holds("the slot is invalidated", () -> {
            database.execute(
                    "CREATE TABLE passing (id int)", "DROP TABLE passing", "VACUUM pg_class", "VACUUM pg_attribute");
            return onStandby
                    .query("SELECT invalidation_reason FROM pg_replication_slots WHERE invalidation_reason IS NOT NULL")
                    .equals(List.of("rows_removed"));
        });
        assertThat(connector.awaitFailure())
                .contains(
                        "was invalidated by the server (rows_removed", "hot_standby_feedback=on", "primary_slot_name");
    }

    private static String[] withAdded() {
        return Stream.concat(Arrays.stream(RandomWriter.TABLES), Stream.of("public.added"))
                .toArray(String[]::new);
    }

    /** A connector that reads the standby; what it does is compared with the primary. */
    private RunningConnector onStandby(TestDatabase database, PostgresServer standby, String... settings)
            throws SQLException {
        List<String> all = new ArrayList<>(List.of(
                "database.hostname=" + standby.host(),
                "database.port=" + standby.port(),
                "publication.name=shop",
                "publication.autocreate.mode=disabled"));
        all.addAll(List.of(settings));
        TestDatabase onStandby = new TestDatabase(standby, database.name());
        Eventually.holds(
                "the standby has the publication",
                () -> onStandby.query("SELECT 1::text FROM pg_publication").size() == 1);
        return connector(database, all.toArray(String[]::new));
    }
}
