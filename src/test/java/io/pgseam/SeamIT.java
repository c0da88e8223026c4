package io.pgseam;

import io.pgseam.testing.TestDatabase;
import org.junit.jupiter.api.Test;

/** The seam, end to end, on real servers. */
class SeamIT extends ConnectorScenario {

    @Test
    void copiesThenStreams() throws Exception {
        TestDatabase database = database(17);
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric(12,2), created timestamptz"
                        + " DEFAULT now())",
                "INSERT INTO orders SELECT i, 'customer ' || i, i / 100.0 FROM generate_series(1, 20000) i",
                "CREATE TABLE empty (id int PRIMARY KEY, note text)");
        RunningConnector connector = connector(database);
        connector.awaitSeam();
        database.execute(
                "UPDATE orders SET customer = 'changed' WHERE id <= 100",
                "DELETE FROM orders WHERE id > 19990",
                "UPDATE orders SET id = -id WHERE id = 500",
                "INSERT INTO empty SELECT i, 'note' FROM generate_series(1, 10) i");
        connector.awaitReplayed("public.orders", "public.empty");
    }
}
