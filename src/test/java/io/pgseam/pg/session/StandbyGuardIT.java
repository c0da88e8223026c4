package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.RunningTransactionsLog;
import io.pgseam.testing.StoppedProcess;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** On a standby, rows may be removed between the consistent point of a slot and the moment at which its snapshot is held. */
class StandbyGuardIT extends DatabaseScenario {

    private static final String ROWS = "1000";

    /** The walsender that creates the slot sleeps at its consistent point, so the removal is replayed in between for certain. */
    @Test
    void givesUpASnapshotOfWhichRowsWereRemovedBeforeItWasHeld() throws Exception {
        PostgresServer primary = closing(PostgresServer.start(18, Map.of("autovacuum", "off")));
        TestDatabase database = database(
                primary,
                "CREATE TABLE account (id bigint PRIMARY KEY)",
                "INSERT INTO account SELECT generate_series(1, " + ROWS + ")");
        TestDatabase standby =
                new TestDatabase(closing(primary.startStandby("standby", database.name())), database.name());
        withoutFeedback(database, standby);
        Sessions sessions = closing(new Sessions(standby.connectionSettings()));

        CompletableFuture<SnapshotHolder> opening = CompletableFuture.supplyAsync(() -> open(sessions));
        try (StoppedProcess walsender = StoppedProcess.of(waitingWalsender(standby))) {
            database.execute("SELECT pg_log_standby_snapshot()", "DELETE FROM account", "VACUUM account");
            awaitReplayed(database, standby);
        }
        assertThatThrownBy(opening::join)
                .isInstanceOf(CompletionException.class)
                .rootCause()
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(opening::join)
                .hasStackTraceContaining("rows may have been removed that its snapshot shows")
                .satisfies(e -> assertThat(SqlErrors.outcomeOf(e)).isEqualTo(SqlErrors.Outcome.TRANSIENT));
        assertThat(standby.sessions("snapshot holder")).isEmpty();

        closing(RunningTransactionsLog.of(database));
        database.execute("INSERT INTO account SELECT generate_series(1, " + ROWS + ")");
        awaitReplayed(database, standby);
        SnapshotHolder holder = closing(open(sessions));
        database.execute("DELETE FROM account");
        awaitReplayed(database, standby);
        assertThat(rowsIn(standby, holder)).isEqualTo(ROWS);

        // What was removed before the guard's own snapshot was taken is no conflict with that.
        StandbyGuard late = closing(StandbyGuard.begin(sessions, "guarded"));
        assertThatThrownBy(() -> late.ensureKept(holder.lsn())).hasMessageContaining("rows may have been removed");
        late.ensureKept(database.now());
    }

    private static void withoutFeedback(TestDatabase database, TestDatabase standby) throws SQLException {
        standby.server()
                .execute(
                        "ALTER SYSTEM SET hot_standby_feedback = off",
                        "ALTER SYSTEM SET max_standby_streaming_delay = 0",
                        "SELECT pg_reload_conf()");
        Eventually.holds(
                "the primary keeps nothing for the standby",
                () -> database.query("SELECT 1::text FROM pg_replication_slots WHERE xmin IS NOT NULL")
                        .isEmpty());
    }

    private static SnapshotHolder open(Sessions sessions) {
        try {
            return SnapshotHolder.open(sessions, "guarded", SlotLifetime.TEMPORARY);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The process that has replayed everything, and waits for the primary to log its running transactions. */
    private static long waitingWalsender(TestDatabase standby) {
        List<String> waiting = new ArrayList<>();
        Eventually.holds("the creation of the slot waits", () -> {
            waiting.addAll(standby.query(
                    "SELECT pid::text FROM pg_stat_activity a JOIN pg_replication_slots s ON a.pid = s.active_pid"
                            + " WHERE a.wait_event ILIKE 'WalSenderWaitForWAL'"));
            return waiting.size() == 1;
        });
        return Long.parseLong(waiting.get(0));
    }

    private static void awaitReplayed(TestDatabase database, TestDatabase standby) throws SQLException {
        Lsn written = database.now();
        Eventually.holds(
                "the standby has replayed " + written,
                () -> standby.queryOne("SELECT (pg_last_wal_replay_lsn() >= '" + written + "')::text")
                        .equals("true"));
    }

    private static String rowsIn(TestDatabase standby, SnapshotHolder holder) throws SQLException {
        try (Connection session = standby.connect();
                Statement statement = session.createStatement()) {
            SnapshotHolder.importSnapshot(session, holder.snapshot());
            try (ResultSet row = statement.executeQuery("SELECT count(*) FROM account")) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
