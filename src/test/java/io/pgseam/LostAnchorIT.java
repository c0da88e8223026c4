package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The snapshot is lost before everything is copied: what is left is copied at a newer anchor, and the result is exact. Every session at
 * once: see SeamUnderWritesIT.
 */
class LostAnchorIT extends ConnectorScenario {

    /** No change of the table tells of it: the copy at the newer anchor has to. */
    @Test
    void tellsOfAColumnThatWasAddedBeforeTheNewerAnchor() throws Exception {
        RunningConnector connector = connector(Delivery.EXACTLY_ONCE);
        TestDatabase database = connector.database();
        TableGate gate = closing(TableGate.closeOnceTheCopyHasBegun(connector, "late"));
        awaitCopied(connector, "many");
        database.execute("ALTER TABLE many ADD COLUMN more text DEFAULT 'of old'");
        database.endSessions(".*");
        gate.open();
        assertThat(connector.awaitSeam().path("generation").asInt()).isEqualTo(2);
        List<JsonNode> added = new ArrayList<>();
        for (JsonNode schema : connector.control("schema")) {
            for (JsonNode change : schema.path("changes")) {
                if (change.path("what").asText().equals("column_added")) {
                    added.add(change);
                }
            }
        }
        assertThat(added)
                .singleElement()
                .satisfies(
                        change -> assertThat(change.path("existing").asText()).isEqualTo("of old"));
    }

    /** A newer anchor without it would take it for one that is left out on purpose, and nothing would say what it missed. */
    @Test
    void tellsOfATableThatLeftThePublicationWhileTheNewerAnchorIsOpened() throws Exception {
        RunningConnector connector = connector(Delivery.EXACTLY_ONCE);
        TestDatabase database = connector.database();
        TableGate gate = closing(TableGate.closeOnceTheCopyHasBegun(connector, "late"));
        awaitCopied(connector, "many");
        database.endSessions(".*");
        // The gate's transaction is older than the slot of the newer anchor.
        Eventually.holds(
                "a slot is being created",
                () -> database.queryOne(
                                "SELECT count(*)::text FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE_REPLICATION_SLOT%'"
                                        + " AND datname = current_database()")
                        .equals("1"));
        database.execute(
                "ALTER PUBLICATION pgseam_" + database.name() + " DROP TABLE many", "DELETE FROM many WHERE id <= 100");
        gate.open();
        connector.awaitSeam();
        Eventually.holds(
                "the missed changes are told",
                () -> connector.control("republished").stream()
                        .anyMatch(record -> record.path("table").asText().equals("many")));
        assertThat(connector.control("anchor").stream()
                        .map(anchor -> anchor.path("generation").asInt())
                        .distinct())
                .as("no anchor without the table")
                .containsExactly(1, 2);
    }

    @Matrix(build = "AT_LEAST_ONCE", nightly = "EXACTLY_ONCE")
    void copiesARewrittenTableWholeAtANewerAnchorWhenTheConnectorIsRestarted(Delivery delivery) throws Exception {
        RunningConnector connector = connector(delivery);
        TestDatabase database = connector.database();
        TableGate gate = closing(TableGate.closeOnceTheCopyHasBegun(connector, "late"));
        awaitCopied(connector, "many");
        change(database);
        connector.restart();
        change(database);
        gate.execute(
                "DELETE FROM late WHERE id % 2 = 0",
                "ALTER TABLE late ALTER COLUMN note TYPE varchar(200)", "ALTER TABLE late ALTER COLUMN id TYPE bigint");
        gate.open();
        assertThat(connector.awaitSeam().path("generation").asInt()).isGreaterThan(1);
        change(database);
        connector.awaitReplayed("public.many", "public.late");
        assertThat(connector.control("catch_up")).isNotEmpty();
    }

    /** With chunks and strides so small that there are many, and little patience with locks. */
    private RunningConnector connector(Delivery delivery) throws Exception {
        TestDatabase database = database(
                17,
                "CREATE TABLE many (id bigint PRIMARY KEY, note text, large text)",
                "ALTER TABLE many ALTER COLUMN large SET STORAGE EXTERNAL",
                "INSERT INTO many SELECT i, 'note ' || i, CASE WHEN i % 10 = 0 THEN repeat('large ' || i, 500) END"
                        + " FROM generate_series(1, 60000) i",
                "CREATE TABLE late (id int PRIMARY KEY, note text)",
                "INSERT INTO late SELECT i, 'late ' || i FROM generate_series(1, 5000) i");
        return heldConnector(cluster(delivery), database, RunningConnector.smallChunks());
    }

    private static void awaitCopied(RunningConnector connector, String table) {
        Eventually.holds(
                "table " + table + " is copied",
                () -> connector.control("table").stream()
                        .filter(planned -> planned.path("table").asText().equals(table))
                        .anyMatch(planned -> planned.path("chunks").asLong() == copiedChunks(connector, table)));
        assertThat(copiedChunks(connector, "late")).isZero();
    }

    private static long copiedChunks(RunningConnector connector, String table) {
        return connector.chunks(table).stream()
                .map(chunk -> chunk.path("chunk").asLong())
                .distinct()
                .count();
    }

    /** Inserts, updates that move rows and leave TOAST as it is, updates of keys, deletes: of rows that are copied already. */
    private static void change(TestDatabase database) throws SQLException {
        database.execute(
                "UPDATE many SET note = note || ' changed' WHERE id % 10 = 0 AND id > 0 AND id <= 3000",
                "DELETE FROM many WHERE id IN (SELECT id FROM many WHERE id % 7 = 3 ORDER BY id LIMIT 20)",
                "UPDATE many SET id = -id WHERE id IN (SELECT id FROM many WHERE id > 100 AND id % 10 = 0 ORDER BY id LIMIT 5)",
                "INSERT INTO many SELECT max(id) + 1, 'new', repeat('fresh', 1000) FROM many");
    }
}
