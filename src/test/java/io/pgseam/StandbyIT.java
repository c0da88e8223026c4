package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.ReplayLag;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.PostgresServer.Stop;
import io.pgseam.testing.RunningTransactionsLog;
import io.pgseam.testing.TestDatabase;
import io.pgseam.tool.CommandLineSession;
import io.pgseam.tool.CommandLineSession.Result;
import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;

/** The source is a standby: it is copied and streamed, and its primary learns nothing of that. */
class StandbyIT extends ConnectorScenario {

    @TempDir
    Path directory;

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
            "[%a] ",
            "wal_receiver_status_interval",
            "1s");

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
                "CREATE TABLE signal (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))",
                "CREATE PUBLICATION shop FOR TABLE account, document, event, passing, signal");
        PostgresServer standby = closing(primary.startStandby(SLOT, database.name()));
        LogFile log = LogFile.fromNow();

        RunningConnector connector = onStandby(
                database,
                standby,
                RunningConnector.smallChunks(
                        "tasks.max=3",
                        "table.check.interval.ms=1000",
                        "signal.enabled.channels=source,message",
                        "signal.data.collection=public.signal"));
        log.awaitLine("Creating slot", "on the standby has been waiting", "SELECT pg_log_standby_snapshot()");
        long copying = awaitFeedback(database);
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
        signal(database, connector);
        connector.awaitStreamed(writer);
        writer.stop();
        connector.awaitReplayed(withAdded());
        assertThat(connector.status().allRunning()).isTrue();
        awaitNothingKeptOf(database, copying);
        assertThat(primary.log()).contains("CREATE PUBLICATION shop").doesNotContainPattern(OURS);
        assertThat(standby.log()).containsPattern(OURS);

        elsewhere(database, standby, connector);
        untilAnLsnOfThePrimary(database, connector);
    }

    /** Waits until the primary keeps rows because the standby asks for it, and gives the next transaction id. */
    private static long awaitFeedback(TestDatabase database) throws SQLException {
        Eventually.holds(
                "the primary keeps rows for the standby",
                () -> !database.query("SELECT 1::text FROM pg_replication_slots WHERE xmin IS NOT NULL")
                        .isEmpty());
        return Long.parseLong(database.queryOne("SELECT txid_current()::text"));
    }

    /** Waits until the primary may remove what was removed since; nothing but the standby's slot keeps rows there. */
    private static void awaitNothingKeptOf(TestDatabase database, long transaction) throws SQLException {
        Eventually.holds(
                "the primary keeps no row of the time of the copy",
                () -> database.query(
                                "SELECT 1::text FROM pg_replication_slots WHERE xmin::text::bigint <= " + transaction)
                        .isEmpty());
        assertThat(database.query("SELECT slot_name FROM pg_replication_slots")).containsExactly(SLOT);
    }

    /** Signals are written on the primary: nothing can be written on the standby. */
    private static void signal(TestDatabase database, RunningConnector connector) throws SQLException {
        database.execute(
                "SELECT pg_logical_emit_message(true, 'pgseam.signal',"
                        + " '{\"id\":\"hello\",\"type\":\"log\",\"data\":{\"message\":\"hello\"}}')",
                "INSERT INTO signal VALUES ('again', 'execute-snapshot', '{\"data-collections\":[\"public.added\"]}')");
        Eventually.holds(
                "the signals are done",
                () -> connector.control("signal").stream()
                        .filter(answer -> answer.path("outcome").asText().equals("done"))
                        .map(answer -> answer.path("id").asText())
                        .toList()
                        .containsAll(List.of("hello", "again")));
    }

    /** The standby is behind, and the connector is pointed to the primary, which does not have its slot, and back. */
    private static void elsewhere(TestDatabase database, PostgresServer standby, RunningConnector connector)
            throws SQLException {
        standby.execute("SELECT pg_wal_replay_pause()");
        database.execute("INSERT INTO added VALUES (5001, 'while the standby replays nothing')");
        Lsn written = database.now();
        connector.moveTo(database.server());
        assertThat(connector.awaitFailure())
                .contains("slot \"pgseam_" + database.name() + "\" is gone", "lead to that standby again");
        connector.moveTo(standby);
        Eventually.holds("the connector runs again", () -> connector.status().allRunning());
        assertThat(connector.position().isBefore(written)).isTrue();
        standby.execute("SELECT pg_wal_replay_resume()");
        connector.awaitReplayed("public.added");
    }

    private void untilAnLsnOfThePrimary(TestDatabase database, RunningConnector connector) throws Exception {
        assertThat(CommandLineSession.piped()
                        .run(
                                "wait",
                                connector.configuration(directory),
                                "--bootstrap-server",
                                cluster.bootstrapServers(),
                                "--lsn",
                                database.now().toString(),
                                "--timeout",
                                "90s"))
                .extracting(Result::status)
                .isEqualTo(0);

        connector.stop();
        database.execute("INSERT INTO added VALUES (5002, 'before the end')");
        Lsn end = database.now();
        database.execute("INSERT INTO added VALUES (5003, 'after the end')");
        connector.change("stream.end.lsn", end.toString());
        connector.resume();
        Eventually.holds("the stream ends", () -> connector.control("end").size() == 1);
        assertThat(connector.control("end").get(0).path("lsn").asText()).isEqualTo(end.toString());
        assertThat(connector.values("public.added").toString())
                .contains("before the end")
                .doesNotContain("after the end");
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

    /**
     * What the primary removes from its catalogue is lost to a slot of a standby that gives no feedback, and what it writes with
     * another {@code wal_level} to every slot.
     */
    @Matrix(build = "rows_removed", nightly = "wal_level_insufficient")
    void aSlotThatTheStandbyHadToInvalidate(String reason) throws Exception {
        PostgresServer primary = closing(PostgresServer.start(NEWEST, QUIET));
        TestDatabase database = primary.createDatabase();
        database.execute("CREATE TABLE account (id bigint PRIMARY KEY)", "CREATE PUBLICATION shop FOR TABLE account");
        PostgresServer standby = closing(primary.startStandby(SLOT, database.name()));
        TestDatabase onStandby = new TestDatabase(standby, database.name());
        RunningConnector connector = onStandby(database, standby);
        try (RunningTransactionsLog logging = RunningTransactionsLog.of(database)) {
            connector.awaitSeam();
        }
        boolean rows = reason.equals("rows_removed");
        if (rows) {
            standby.execute("ALTER SYSTEM SET hot_standby_feedback = off", "SELECT pg_reload_conf()");
        } else {
            primary.execute("ALTER SYSTEM SET wal_level = 'replica'");
            primary.restart(Stop.FAST);
        }
        Eventually.holds("the slot is invalidated", () -> {
            if (rows) {
                database.execute(
                        "CREATE TABLE passing (id int)",
                        "DROP TABLE passing",
                        "VACUUM pg_class",
                        "VACUUM pg_attribute");
            }
            return onStandby
                    .query("SELECT invalidation_reason FROM pg_replication_slots WHERE invalidation_reason IS NOT NULL")
                    .equals(List.of(reason));
        });
        assertThat(connector.awaitFailure()).contains("was invalidated by the server (" + reason);
        assertThat(connector.awaitFailure())
                .contains(
                        rows
                                ? List.of("hot_standby_feedback=on", "primary_slot_name")
                                : List.of("wal_level of the primary was lowered"));
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
