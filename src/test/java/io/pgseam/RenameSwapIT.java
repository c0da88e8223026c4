package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
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

    private static long oid(TestDatabase database, String table) throws Exception {
        return Long.parseLong(database.queryOne("SELECT '" + table + "'::regclass::oid"));
    }
}
