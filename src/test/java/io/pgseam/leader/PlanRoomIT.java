package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.capture.TableSelection;
import io.pgseam.capture.TableSelector;
import io.pgseam.capture.Unfitness;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.preflight.Validation;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

/** Case 20: tables whose plan does not fit into a task's configuration. */
class PlanRoomIT {

    private static final int TABLES = 40;
    private static final int COLUMNS = 700;

    @Test
    void validationSaysHowMuchFitsAndAddedTablesWithoutRoomAreSetAside() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            // Names that do not compress.
            database.execute(
                    "DO $$ BEGIN FOR t IN 101..100 + " + TABLES + " LOOP EXECUTE format('CREATE TABLE t_%s (id int"
                            + " PRIMARY KEY, %s)', t, (SELECT string_agg(format('c%s%s int', md5(random()::text), left(md5(random()::text), 30)), ', ') FROM"
                            + " generate_series(1, " + COLUMNS + "))); END LOOP; END $$");
            Map<String, String> props = ConnectorSettings.of(database);
            props.put("table.check.interval.ms", "0");

            assertThat(faults(props))
                    .singleElement()
                    .asString()
                    .contains(
                            "the plan of " + TABLES + " tables and partitions takes ", "about ", "table.include.list");
            props.put("table.include.list", "public\\.t_10.");
            assertThat(faults(props)).as("nine tables").isEmpty();

            props.remove("table.include.list");
            PgSeamSettings settings = PgSeamSettings.parse(props);
            try (Connection session = database.connect()) {
                CopyPlan covered = firstTables(session, settings);
                TableSelection selection = new TableWatch(
                                settings,
                                new Ledger(settings.topics().prefix(), new CommittedOffsets()),
                                new LeaderMetrics(MetricRegistry.NONE))
                        .select(session, covered);
                assertThat(selection.captured()).hasSizeBetween(20, TABLES - 1);
                assertThat(selection.setAside())
                        .hasSize(TABLES - selection.captured().size())
                        .allMatch(table -> table.reason() == Unfitness.NO_ROOM);
            }
        }
    }

    private static CopyPlan firstTables(Connection session, PgSeamSettings settings) throws Exception {
        TableSelection all = new TableSelector(settings).select(session, CopyPlan.NOTHING);
        List<CapturedTable> tables = new Catalog(session)
                .capturedTables(all.captured().subList(0, 10), false, "p", any -> true, (any, column) -> true);
        return CopyPlan.of(tables, settings.snapshot().chunkBytes(), 8192, 1);
    }

    private static List<String> faults(Map<String, String> props) {
        return Validation.validate(props).configValues().stream()
                .map(ConfigValue::errorMessages)
                .flatMap(List::stream)
                .toList();
    }
}
