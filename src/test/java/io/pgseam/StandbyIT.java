package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.RunningTransactionsLog;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
