package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.PostgresServer.Stop;
import io.pgseam.testing.RunningTransactionsLog;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** A standby is the source, and what it follows changes while it is copied and streamed. */
class StandbySwitchIT extends ConnectorScenario {

    private static final int NEWEST = 18;
    private static final String SOURCE = "source";
    private static final String OTHER = "other";
    private static final String AS_REPLACEMENT = "source_of_other";

    /** What happens. */
    private enum Change {
        /** The primary is gone, and another standby is promoted, which the source follows from then on. */
        ANOTHER_IS_PROMOTED,
        /** The primary is gone, and the source itself is promoted. */
        SOURCE_IS_PROMOTED,
        /** The standby replays nothing, however long, and then everything. */
        BEHIND
    }

    /** Rows of one table are copied meanwhile, and held; changes of the others are streamed. */
    @Matrix(
            build = "ANOTHER_IS_PROMOTED",
            nightly = {"SOURCE_IS_PROMOTED", "BEHIND"})
    void copyAndStreamContinue(String name) throws Exception {
        Change change = Change.valueOf(name);
        PostgresServer primary = closing(PostgresServer.start(NEWEST, Map.of("autovacuum", "off")));
        TestDatabase database = primary.createDatabase();
        RandomWriter.createTables(database);
        database.execute("CREATE PUBLICATION shop FOR TABLE account, document, event");
        TestDatabase source = new TestDatabase(closing(primary.startStandby(SOURCE, database.name())), database.name());
        RunningConnector connector = closing(RunningConnector.createHeld(
                cluster,
                source,
                database.name(),
                RunningConnector.smallChunks(
                        "publication.name=shop",
                        "publication.autocreate.mode=disabled",
                        "table.check.interval.ms=1000",
                        "tasks.max=2")));
        connector.hurry();
        TestDatabase now;
        try (RunningTransactionsLog logging = RunningTransactionsLog.of(database)) {
            connector.awaitSeam();
            connector.hold();
            database.execute(
                    "CREATE TABLE added (id bigint PRIMARY KEY, note text)",
                    "INSERT INTO added SELECT i, 'before' FROM generate_series(1, 2000) i",
                    "ALTER PUBLICATION shop ADD TABLE added");
            awaitCopying(connector, 2);
        }
        LogFile log = LogFile.fromNow();
        now = switch (change) {
            case ANOTHER_IS_PROMOTED -> promoteAnother(primary, database, source);
            case SOURCE_IS_PROMOTED -> promote(primary, source);
            case BEHIND -> behind(database, source, connector);
        };
        try (RandomWriter writer = RandomWriter.start(now, 1, 1)) {
            writer.awaitMore(100);
            if (change == Change.SOURCE_IS_PROMOTED) {
                log.awaitLine("The standby was promoted");
            }
            connector.hurry();
            connector.awaitSeam(2);
            writer.awaitMore(50);
            writer.stop();
        }
        now.execute("UPDATE added SET note = 'after' WHERE id > 1900");
        connector.sourceIsNow(now);
        connector.awaitReplayed("public.account", "public.document", "public.event", "public.added");
        assertThat(connector.generations("account")).containsOnly(1);
        assertThat(connector.generations("added"))
                .as("the copy continued in its snapshot")
                .containsOnly(2);

        connector.restart();
        now.execute("DELETE FROM added WHERE id <= 100");
        connector.awaitReplayed("public.added");
        Eventually.holds("all run again", () -> connector.status().allRunning());
    }

    private TestDatabase promoteAnother(PostgresServer primary, TestDatabase database, TestDatabase source)
            throws SQLException {
        PostgresServer other = closing(primary.startStandby(OTHER, database.name()));
        // In order: both standbys have everything then, as the source must not be ahead of the server that it follows.
        primary.stop(Stop.FAST);
        other.execute(
                "SELECT pg_promote()", "SELECT pg_create_physical_replication_slot('" + AS_REPLACEMENT + "', true)");
        String conninfo =
                source.queryOne("SHOW primary_conninfo").replace("port=" + primary.port(), "port=" + other.port());
        source.server()
                .execute(
                        "ALTER SYSTEM SET primary_slot_name = '" + AS_REPLACEMENT + "'",
                        "ALTER SYSTEM SET primary_conninfo = '" + conninfo + "'",
                        "SELECT pg_reload_conf()");
        TestDatabase promoted = new TestDatabase(other, database.name());
        Eventually.holds(
                "the standby follows the promoted one on its timeline",
                () -> source.query("SELECT received_tli::text FROM pg_stat_wal_receiver")
                        .equals(List.of("2")),
                () -> source.server().log());
        return promoted;
    }

    private static TestDatabase promote(PostgresServer primary, TestDatabase source) throws SQLException {
        primary.stop(Stop.FAST);
        source.server().execute("SELECT pg_promote()");
        return source;
    }

    /** The copy needs nothing that is not replayed yet. */
    private static TestDatabase behind(TestDatabase database, TestDatabase source, RunningConnector connector)
            throws SQLException {
        source.execute("SELECT pg_wal_replay_pause()");
        database.execute("UPDATE account SET owner = 'while nothing is replayed' WHERE id <= 100");
        connector.hurry();
        connector.awaitSeam(2);
        assertThat(connector.position().isBefore(database.now())).isTrue();
        source.execute("SELECT pg_wal_replay_resume()");
        return database;
    }

    private static void awaitCopying(RunningConnector connector, int generation) {
        Eventually.holds(
                "copying at anchor " + generation,
                () -> connector.control("share").stream()
                        .anyMatch(share -> share.path("generation").asInt() == generation));
    }
}
