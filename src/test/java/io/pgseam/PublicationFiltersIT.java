package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Row filters, column lists and schemas of a publication hold for the copy as for the stream. */
class PublicationFiltersIT extends ConnectorScenario {

    private static final String FILTER = "\"Größe\" <> 'klein''s' AND (id % 3 <> 0 OR \"Größe\" IS NULL)";

    @Matrix(build = "18", nightly = "17")
    void copyAndStreamAreWhatTheFilterSelects(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE filtered (id int PRIMARY KEY, \"Größe\" text, note text)",
                "ALTER TABLE filtered REPLICA IDENTITY FULL",
                "INSERT INTO filtered SELECT i, (ARRAY['klein''s', 'groß', NULL])[i % 4 + 1], 'n'"
                        + " FROM generate_series(1, 1000) i",
                "CREATE TABLE listed (secret text, b text, id int PRIMARY KEY, a int)",
                "INSERT INTO listed SELECT 's', 'b' || i, i, i FROM generate_series(1, 100) i",
                "CREATE TABLE root (id int, place text, n int, PRIMARY KEY (id, place)) PARTITION BY LIST (place)",
                "CREATE TABLE leaf (n int, place text NOT NULL, id int NOT NULL)",
                "ALTER TABLE root ATTACH PARTITION leaf FOR VALUES IN ('a')",
                "CREATE TABLE leaf_b PARTITION OF root FOR VALUES IN ('b')",
                "INSERT INTO root SELECT i, (ARRAY['a', 'b'])[i % 2 + 1], i FROM generate_series(1, 100) i",
                "CREATE TABLE appended (id int PRIMARY KEY, line text)",
                "INSERT INTO appended VALUES (1, 'x')",
                "CREATE PUBLICATION p FOR TABLE filtered WHERE (" + FILTER + "), listed (id, a, b),"
                        + " root WHERE (id > 10), appended (line) WITH (publish_via_partition_root = true)");
        RunningConnector connector = closing(create(database));
        connector.awaitSeam();
        assertFiltered(database, connector);
        database.execute(
                // Into the filter, out of it, and within.
                "UPDATE filtered SET \"Größe\" = 'mittel' WHERE id % 5 = 0",
                "UPDATE filtered SET \"Größe\" = 'klein''s' WHERE id % 7 = 0",
                "UPDATE filtered SET \"Größe\" = NULL WHERE id % 11 = 0",
                "UPDATE filtered SET note = 'm' WHERE id % 2 = 0",
                "UPDATE filtered SET id = -id WHERE id % 13 = 0",
                "DELETE FROM filtered WHERE id % 17 = 0",
                "INSERT INTO filtered VALUES (2001, 'klein''s', 'out'), (2002, 'in', 'in')",
                "UPDATE listed SET secret = 't' WHERE id < 10",
                "UPDATE listed SET b = 'changed' WHERE id % 4 = 0",
                "DELETE FROM listed WHERE id % 9 = 0",
                "UPDATE root SET id = id - 300 WHERE id % 5 = 0",
                "UPDATE root SET id = id + 200 WHERE id < 5",
                "UPDATE root SET place = 'b' WHERE id % 6 = 1",
                // Its column list lacks the key, so PostgreSQL refuses updates, and messages have no key.
                "INSERT INTO appended VALUES (2, 'y')");
        connector.awaitCaughtUp();
        assertFiltered(database, connector);
        assertThat(connector.records("public.appended"))
                .hasSize(2)
                .allSatisfy(record -> assertThat(record.key()).isNull())
                .allSatisfy(record -> assertThat(new String(record.value(), StandardCharsets.UTF_8))
                        .startsWith("{\"line\":"));
    }

    private RunningConnector create(TestDatabase database) {
        return RunningConnector.create(
                cluster,
                database,
                database.name(),
                "publication.name=p",
                "publication.autocreate.mode=disabled",
                "table.check.interval.ms=500");
    }

    private static void assertFiltered(TestDatabase database, RunningConnector connector) throws Exception {
        Replay replay = connector.replay("public.filtered", "public.listed", "public.root");
        try (Connection connection = database.connect()) {
            SourceTruth truth = new SourceTruth(connection);
            truth.assertReplayed("filtered", FILTER, Set.of(), replay, connector.topic("public.filtered"));
            truth.assertReplayed("listed", Set.of("secret"), replay, connector.topic("public.listed"));
            truth.assertReplayed("root", "id > 10", Set.of(), replay, connector.topic("public.root"));
        }
    }

    @Test
    void aSchemaIsPublishedWithTheTablesThatComeLater() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE SCHEMA \"Sales\"",
                "CREATE TABLE \"Sales\".orders (id int PRIMARY KEY, s int GENERATED ALWAYS AS (id * 2) STORED,"
                        + " v int GENERATED ALWAYS AS (id * 3) VIRTUAL, n int GENERATED BY DEFAULT AS IDENTITY)",
                "INSERT INTO \"Sales\".orders SELECT i FROM generate_series(1, 100) i",
                "CREATE TABLE elsewhere (id int PRIMARY KEY)",
                "INSERT INTO elsewhere VALUES (1)",
                "CREATE PUBLICATION p FOR TABLES IN SCHEMA \"Sales\", TABLE elsewhere"
                        + " WITH (publish_generated_columns = stored)");
        RunningConnector connector = closing(create(database));
        connector.awaitSeam();
        database.execute(
                "CREATE TABLE \"Sales\".later (id int PRIMARY KEY, t text)",
                "INSERT INTO \"Sales\".later VALUES (1, 'a'), (2, 'b')",
                "UPDATE \"Sales\".later SET t = 'c' WHERE id = 2",
                "UPDATE \"Sales\".orders SET id = id + 1000 WHERE id <= 10",
                "DELETE FROM elsewhere");
        // The changes of a table that comes later wait for its copy.
        connector.awaitSeam(2);
        connector.awaitCaughtUp();
        Replay replay = connector.replay("Sales.orders", "Sales.later", "public.elsewhere");
        try (Connection connection = database.connect()) {
            new SourceTruth(connection).assertReplayed("\"Sales\".later", replay, connector.topic("Sales.later"));
        }
        assertThat(replay.rows(connector.topic("public.elsewhere"))).isEmpty();
        assertThat(replay.rows(connector.topic("Sales.orders")).values())
                .hasSize(100)
                .allSatisfy(row -> {
                    assertThat(row.path("s").asInt())
                            .isEqualTo(2 * row.path("id").asInt());
                    assertThat(row.path("n").asInt()).isPositive();
                    assertThat(row.has("v")).isFalse();
                });
    }
}
