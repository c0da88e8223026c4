package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * Partitions that are made, attached, detached and dropped while the connector runs: streamed, copied at a newer anchor where
 * they had rows before, and named.
 */
class PartitionsIT extends ConnectorScenario {

    private static final String ROWS =
            "INSERT INTO measure SELECT i, p, i FROM generate_series(%d, %d) i," + " unnest(ARRAY['%s']) p";

    private static final int MOST_PARTITIONS = 2_000;

    @Matrix(
            build = {"14, false", "18, true"},
            nightly = {"14, true", "18, false"})
    void partitionsComeAndGoAndNothingIsSilent(int version, boolean asRoot) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE measure (id int, place text, n int, PRIMARY KEY (id, place)) PARTITION BY LIST (place)",
                "CREATE TABLE measure_a PARTITION OF measure FOR VALUES IN ('a')",
                "CREATE TABLE measure_b PARTITION OF measure FOR VALUES IN ('b1', 'b2', 'b3') PARTITION BY LIST (place)",
                "CREATE TABLE measure_b1 PARTITION OF measure_b FOR VALUES IN ('b1')",
                "CREATE TABLE measure_b2 (n int, gone int, place text NOT NULL, id int NOT NULL)",
                "ALTER TABLE measure_b2 DROP COLUMN gone",
                "ALTER TABLE measure_b ATTACH PARTITION measure_b2 FOR VALUES IN ('b2')",
                ROWS.formatted(1, 500, "a','b1','b2"));
        RunningConnector connector = connector(
                database,
                RunningConnector.smallChunks(
                        "table.include.list=public.measure",
                        "publish.via.partition.root=" + asRoot,
                        "table.check.interval.ms=500"));
        assertThat(connector.awaitSeam().path("rows").asInt()).isEqualTo(1_500);
        assertThat(cluster.topics().contains(connector.topic("public.measure"))).isEqualTo(asRoot);
        awaitTold(connector, "");
        database.execute(
                // Made inside, at both levels: nobody has to do anything.
                "CREATE TABLE measure_c PARTITION OF measure FOR VALUES IN ('c')",
                "CREATE TABLE measure_b3 PARTITION OF measure_b FOR VALUES IN ('b3')",
                ROWS.formatted(1, 100, "c','b3"),
                "UPDATE measure SET n = -n WHERE id % 3 = 0",
                "DELETE FROM measure WHERE id % 9 = 0",
                "UPDATE measure SET place = 'c' WHERE place = 'a' AND id > 450");
        assertThat(told(awaitTold(connector, "measure_c"), "made")).contains("public.measure_c");
        assertReplayed(database, connector, asRoot, "a", "b1", "b2", "b3", "c");

        attachAndDetach(database);
        connector.awaitSeam(2);
        database.execute(
                "UPDATE measure_d SET n = -n WHERE id % 2 = 0",
                "DELETE FROM measure_e WHERE id > 40",
                "INSERT INTO measure_d SELECT i, 'd', i FROM generate_series(60, 70) i");
        assertReplayed(database, connector, asRoot, "b2", "b3", "c", "d", "e");
        JsonNode told = awaitTold(connector, "measure_d");
        assertThat(told(told, "attached")).containsExactly("public.measure_d", "public.measure_e");
        assertThat(told(told, "detached")).containsExactly("public.measure_a", "public.measure_b1");
        assertThat(told.path("count").asInt()).isEqualTo(5);
        assertThat(copiedAt(connector, 2))
                .as("what was made inside, or was copied before, is not copied again")
                .containsExactlyInAnyOrder("measure_d", "measure_e");
        assertThat(connector.control("seam")).as("no anchor without need").hasSize(2);
        assertThat(connector.control("partitions"))
                .as("told once, also by a task that was started again")
                .filteredOn(record -> told(record, "attached").contains("public.measure_d"))
                .hasSize(1);
    }

    /**
     * Between the anchor and the plan, too, which looks at the present: what was not published at the anchor must not be taken for
     * copied there.
     */
    @Test
    void partitionsThatAreAttachedWhileAnAnchorIsOpenedAreCopiedAtANewerOne() throws Exception {
        TestDatabase database = database(17);
        database.execute("CREATE TABLE measure (id int PRIMARY KEY, note text) PARTITION BY RANGE (id)");
        CountDownLatch begun = new CountDownLatch(20);
        AtomicBoolean seam = new AtomicBoolean();
        Future<Integer> attached = Executors.newSingleThreadExecutor().submit(() -> attachUntil(database, begun, seam));
        begun.await();
        RunningConnector connector =
                connector(database, "publish.via.partition.root=true", "table.check.interval.ms=500");
        connector.awaitSeam();
        seam.set(true);
        int rows = 10 * attached.get(90, TimeUnit.SECONDS);
        Eventually.holds(
                "every partition is copied",
                () -> connector
                                .replay("public.measure")
                                .rows(connector.topic("public.measure"))
                                .size()
                        == rows);
        connector.awaitReplayed("public.measure");
    }

    /** Attaches one partition of 10 rows after the other, each made and filled in the same transaction; tells how many. */
    private static int attachUntil(TestDatabase database, CountDownLatch begun, AtomicBoolean over)
            throws SQLException {
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            int number = 0;
            while (!over.get() && number < MOST_PARTITIONS) {
                int first = 10 * number++;
                String table = "measure_" + number;
                statement.execute("BEGIN; CREATE TABLE " + table + " (id int PRIMARY KEY, note text); INSERT INTO "
                        + table
                        + " SELECT i, 'before' FROM generate_series(" + first + ", " + (first + 9) + ") i;"
                        + " ALTER TABLE measure ATTACH PARTITION " + table + " FOR VALUES FROM (" + first + ") TO ("
                        + (first + 10) + "); COMMIT");
                begun.countDown();
            }
            return number;
        }
    }

    /** What had rows that were never published is attached, made before or at once. */
    private static void attachAndDetach(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE measure_d (LIKE measure INCLUDING ALL)",
                "INSERT INTO measure_d SELECT i, 'd', i FROM generate_series(1, 50) i",
                "BEGIN; ALTER TABLE measure ATTACH PARTITION measure_d FOR VALUES IN ('d');"
                        + " CREATE TABLE measure_e (LIKE measure INCLUDING ALL);"
                        + " INSERT INTO measure_e SELECT i, 'e', i FROM generate_series(1, 50) i;"
                        + " ALTER TABLE measure ATTACH PARTITION measure_e FOR VALUES IN ('e');"
                        + " ALTER TABLE measure DETACH PARTITION measure_a;"
                        + " INSERT INTO measure_a VALUES (9999, 'a', 0);"
                        + " DROP TABLE measure_b1; COMMIT");
    }

    /** Which relations were copied at the anchor of a generation. */
    private static Set<String> copiedAt(RunningConnector connector, int generation) {
        return connector.control("chunk").stream()
                .filter(chunk -> chunk.path("generation").asInt() == generation)
                .map(chunk -> chunk.path("table").asText())
                .collect(Collectors.toSet());
    }

    private static List<String> told(JsonNode record, String what) {
        return StreamSupport.stream(record.path(what).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** The newest record on the control topic that names a partition. */
    private static JsonNode awaitTold(RunningConnector connector, String partition) {
        List<JsonNode> found = new ArrayList<>();
        Eventually.holds(
                "the control topic tells of " + partition,
                () -> {
                    found.clear();
                    connector.control("partitions").stream()
                            .filter(record -> record.toString().contains(partition))
                            .forEach(found::add);
                    return !found.isEmpty();
                },
                () -> connector.control("partitions").toString());
        return found.get(found.size() - 1);
    }

    /** Compares the rows of these places; those of partitions that are gone stay in their topics. */
    private static void assertReplayed(
            TestDatabase database, RunningConnector connector, boolean asRoot, String... places) throws Exception {
        connector.awaitCaughtUp();
        try (Connection connection = database.connect()) {
            SourceTruth truth = new SourceTruth(connection);
            if (asRoot) {
                Replay replay = connector.replay("public.measure");
                String topic = connector.topic("public.measure");
                Set<String> present = Set.of(places);
                long rows = replay.rows(topic).values().stream()
                        .filter(row -> present.contains(row.path("place").asText()))
                        .count();
                assertThat(rows).isEqualTo(truth.count("measure"));
                if (present.contains("a")) {
                    truth.assertReplayed("measure", replay, topic);
                }
                return;
            }
            for (String place : places) {
                String table = "measure_" + place;
                truth.assertReplayed(table, connector.replay("public." + table), connector.topic("public." + table));
            }
        }
    }
}
