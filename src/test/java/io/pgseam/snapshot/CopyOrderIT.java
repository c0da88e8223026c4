package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotLifetime;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.copy.CopyOut;

/** In which order a range of blocks is read, whatever indexes, statistics and defaults the source has. */
class CopyOrderIT extends DatabaseScenario {

    private static final String FILTER = "n < 15";
    private static final int BLOCKS = 1_000;

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void rowsComeInTheOrderOfTheirCtidEvenIfStatisticsFavourAnIndex(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                // The index gives the rows backwards. It has every column, for an index-only scan.
                "CREATE TABLE filtered (id int, n int, note text) WITH (autovacuum_enabled = false)",
                "INSERT INTO filtered SELECT i, (20000 - i) % 500, repeat('x', 100) FROM generate_series(1, 20000) i",
                "CREATE INDEX ON filtered (n DESC, id DESC) INCLUDE (note)",
                "CREATE INDEX ON filtered USING hash (n)",
                // As if the planner were to be led astray.
                "ALTER DATABASE " + database.name() + " SET enable_tidscan = off",
                "ALTER DATABASE " + database.name() + " SET random_page_cost = 0.01",
                "ALTER DATABASE " + database.name() + " SET parallel_setup_cost = 0",
                "ALTER DATABASE " + database.name() + " SET parallel_tuple_cost = 0",
                "ALTER DATABASE " + database.name() + " SET min_parallel_table_scan_size = 0",
                "ALTER DATABASE " + database.name() + " SET min_parallel_index_scan_size = 0");
        List<String> inOrder = database.query("SELECT id::text FROM filtered WHERE " + FILTER + " ORDER BY ctid");
        assertThat(inOrder).hasSize(600);
        long oid = Long.parseLong(database.queryOne("SELECT 'filtered'::regclass::oid::text"));
        CapturedTable table = SamplePlans.table("filtered", FILTER, List.of("id", "note"));
        CopyStatement statement = new CopyStatement(PlannedTable.of(table), new TableId("public", "filtered"), oid);
        try (Sessions sessions = new Sessions(database.connectionSettings());
                SnapshotHolder holder = SnapshotHolder.open(sessions, "copy_order", SlotLifetime.TEMPORARY);
                SnapshotSession session =
                        SnapshotSession.open(sessions, "copy 0", List.of(holder.snapshot()), holder.view(), 3_000)) {
            assertThat(ids(session, statement)).as("without statistics").isEqualTo(inOrder);
            database.execute("VACUUM (ANALYZE) filtered");
            assertThat(ids(session, statement)).as("with statistics").isEqualTo(inOrder);
        }
    }

    private static List<String> ids(SnapshotSession session, CopyStatement statement) throws Exception {
        List<String> ids = new ArrayList<>();
        CopyOut copy = session.copyOut(statement.forBlocks(0, BLOCKS));
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            String text = new String(line, StandardCharsets.UTF_8);
            ids.add(text.substring(0, text.indexOf('\t')));
        }
        return ids;
    }
}
