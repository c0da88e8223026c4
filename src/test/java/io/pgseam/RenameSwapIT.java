package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables are known by their OIDs: a name that leads to another OID is another table (invariant I16). */
class RenameSwapIT extends ConnectorScenario {

    /** The only captured table, so that for a while nothing is captured. */
    @Test
    void theTableThatTakesTheNameIsCopiedAndBothAreNamed() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE orders (id int PRIMARY KEY, v text)",
                "CREATE TABLE orders_new (id int PRIMARY KEY, v text)",
                "INSERT INTO orders SELECT i, 'old' FROM generate_series(1, 100) i",
                "INSERT INTO orders_new SELECT i, 'new' FROM generate_series(51, 200) i");
        long old = oid(database, "orders");
        long other = oid(database, "orders_new");
        RunningConnector connector =
                connector(database, "table.include.list=public.orders", "table.check.interval.ms=500");
        connector.awaitSeam(1);
        database.execute("BEGIN; ALTER TABLE orders RENAME TO orders_old; ALTER TABLE orders_new RENAME TO orders;"
                + " UPDATE orders_old SET v = 'not captured' WHERE id = 1; COMMIT");
        connector.awaitSeam(2);
        database.execute("UPDATE orders SET v = 'streamed' WHERE id = 200", "DELETE FROM orders WHERE id = 199");
        connector.awaitCaughtUp();

        JsonNode renamed = connector.control("renamed").get(0);
        assertThat(renamed.path("table").asText()).isEqualTo("orders");
        assertThat(renamed.path("oid").asLong()).isEqualTo(old);
        assertThat(renamed.path("renamed_to_table").asText()).isEqualTo("orders_old");
        assertThat(renamed.path("renamed_to_topic").isNull()).isTrue();
        assertThat(renamed.path("replaced_by_oid").asLong()).isEqualTo(other);
        assertThat(connector.status().allRunning()).isTrue();

        Replay replay = connector.replay("public.orders");
        assertThat(replay.rows(connector.topic("public.orders")).entrySet())
                .as("rows 1 to 50 of the renamed table stay")
                .hasSize(199)
                .allSatisfy(row -> {
                    int id = row.getKey().path("id").asInt();
                    assertThat(row.getValue().path("v").asText())
                            .isEqualTo(id <= 50 ? "old" : id == 200 ? "streamed" : "new");
                });
    }

    /**
     * While it is copied. Nobody looks at the tables meanwhile: the copy notices it itself, before it has read a row of the other table. That
     * one is copied at a newer anchor, and both are named.
     */
    @Matrix(build = "initial_only", nightly = "initial")
    void theCopyReadsNoRowOfATableThatTakesTheName(String mode) throws Exception {
        TestDatabase database = database(
                18,
                "CREATE TABLE orders (id int PRIMARY KEY, v text)",
                "CREATE TABLE orders_new (id int PRIMARY KEY, v text)",
                "INSERT INTO orders SELECT i, 'old' || repeat('x', 50) FROM generate_series(1, 20000) i",
                "INSERT INTO orders_new SELECT i, 'new' FROM generate_series(15001, 30000) i");
        RunningConnector connector = slowConnector(
                database,
                RunningConnector.smallChunks(
                        "snapshot.mode=" + mode,
                        "table.include.list=public.orders",
                        "table.check.interval.ms=0",
                        "max.batch.size=100",
                        "tasks.max=1"));
        connector.awaitChunkOf("orders");
        database.execute(
                "BEGIN; ALTER TABLE orders RENAME TO orders_old; ALTER TABLE orders_new RENAME TO orders; COMMIT");
        connector.hurry();
        JsonNode seam = connector.awaitSeam(2);

        assertThat(seam.path("offsets_exact").asBoolean()).isTrue();
        assertThat(connector.control("misfit"))
                .singleElement()
                .satisfies(misfit -> assertThat(misfit.path("reason").asText())
                        .contains("is another table", "orders_old", "remain in the topic"));
        long secondAnchor = Lsn.parse(seam.path("lsn").asText()).value();
        List<JsonNode> records = connector.records("public.orders").stream()
                .map(record -> ExactJson.of(record.value()))
                .toList();
        assertThat(records)
                .as("the other table, whole")
                .filteredOn(RenameSwapIT::isNew)
                .hasSize(15_000);
        assertThat(records)
                .as("no row of it is of the first anchor")
                .allSatisfy(record ->
                        assertThat(isNew(record)).isEqualTo(record.path("__lsn").asLong() == secondAnchor));
        assertThat(connector.status().anyFailed()).isFalse();
    }

    private static boolean isNew(JsonNode record) {
        return record.path("v").asText().equals("new");
    }

    private static long oid(TestDatabase database, String table) throws Exception {
        return Long.parseLong(database.queryOne("SELECT '" + table + "'::regclass::oid"));
    }
}
