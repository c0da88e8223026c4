package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.capture.TableSelection;
import io.pgseam.capture.TableSelector;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.session.TableLocks;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tables that come while the connector works. */
class TableWatchIT extends DatabaseScenario {

    /** Longer than any test. */
    private static final String LONG = "3600000";

    /** A staging table of every minute: nothing is published, stopped or copied for it, however often somebody looks. */
    @Test
    void aTableIsCapturedOnceItHasStoodForAnInterval() throws Exception {
        TestDatabase database = database(18, "CREATE TABLE orders (id int PRIMARY KEY)");
        Connection session = closing(database.connect());
        TableWatch patient = watch(database, LONG);
        TableWatch hasty = watch(database, "10");
        CopyPlan covered = plan(session, database);
        for (int minute = 1; minute <= 3; minute++) {
            database.execute("CREATE TABLE staging (id int PRIMARY KEY)");
            assertThat(captured(patient.select(session, covered))).containsExactly("orders");
            assertThat(captured(patient.select(session, covered))).containsExactly("orders");
            database.execute("DROP TABLE staging");
        }
        database.execute("CREATE TABLE later (id int PRIMARY KEY)");
        assertThat(captured(hasty.select(session, covered))).containsExactly("orders");
        Eventually.holds(
                "it has stood long enough",
                () -> captured(hasty.select(session, covered)).equals(List.of("later", "orders")));
        assertThat(captured(patient.select(session, covered))).containsExactly("orders");
    }

    /** Tables are selected without a lock, and the session that keeps others from looking at one is named. */
    @Test
    void aLockedTableHoldsUpNoSelection() throws Exception {
        TestDatabase database = database(18, "CREATE TABLE orders (id int PRIMARY KEY)");
        Connection session = closing(database.connect());
        TableWatch watch = watch(database, "10");
        CopyPlan covered = plan(session, database);
        database.execute("CREATE TABLE later (id int PRIMARY KEY)");
        Connection other = closing(database.connect());
        PostgresServer.execute(other, "BEGIN", "LOCK TABLE later IN ACCESS EXCLUSIVE MODE");
        PostgresServer.execute(session, "SET lock_timeout = '50ms'");
        Eventually.holds(
                "the new table is selected",
                () -> captured(watch.select(session, covered)).equals(List.of("later", "orders")));
        assertThat(TableLocks.exclusive(session, table -> table.name().equals("later")))
                .singleElement()
                .asString()
                .contains("pid ", "(user ", "idle in transaction, for ", "which has locked table public.later");
        assertThat(TableLocks.exclusive(session, table -> table.name().equals("orders")))
                .isEmpty();
    }

    private static List<String> captured(TableSelection selection) {
        return selection.captured().stream()
                .map(Relation::id)
                .map(table -> table.name())
                .sorted()
                .toList();
    }

    private static PgSeamSettings settings(TestDatabase database, String interval) {
        Map<String, String> props = ConnectorSettings.of(database);
        props.put("table.check.interval.ms", interval);
        return PgSeamSettings.parse(props);
    }

    private static TableWatch watch(TestDatabase database, String interval) throws Exception {
        PgSeamSettings settings = settings(database, interval);
        CommittedOffsets offsets = new CommittedOffsets();
        TableWatch watch = new TableWatch(
                settings, new Ledger(settings.topics().prefix(), offsets), new LeaderMetrics(MetricRegistry.NONE));
        try (Connection session = database.connect()) {
            // The look at the start, for which no table is too young.
            watch.select(session, CopyPlan.NOTHING);
        }
        return watch;
    }

    private static CopyPlan plan(Connection session, TestDatabase database) throws Exception {
        TableSelection all = new TableSelector(settings(database, LONG)).select(session, CopyPlan.NOTHING);
        return CopyPlan.of(
                new Catalog(session).capturedTables(all.captured(), false, "p", any -> true, (any, column) -> true),
                1 << 20,
                8192,
                1);
    }
}
