package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Partitions that are made, attached, detached and dropped while the connector runs: streamed, or named. */
class PartitionsIT {

    private static final String ROWS =
            "INSERT INTO measure SELECT i, p, i FROM generate_series(%d, %d) i," + " unnest(ARRAY['%s']) p";

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @ParameterizedTest(name = "PostgreSQL {0}, as root: {1}")
    @CsvSource({"14, false", "18, true"})
    void partitionsComeAndGoAndNothingIsSilent(int version, boolean asRoot) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase("partitions_" + version)) {
            database.execute(
                    "CREATE TABLE measure (id int, place text, n int, PRIMARY KEY (id, place)) PARTITION BY LIST (place)",
                    "CREATE TABLE measure_a PARTITION OF measure FOR VALUES IN ('a')",
                    "CREATE TABLE measure_b PARTITION OF measure FOR VALUES IN ('b1', 'b2', 'b3') PARTITION BY LIST (place)",
                    "CREATE TABLE measure_b1 PARTITION OF measure_b FOR VALUES IN ('b1')",
                    "CREATE TABLE measure_b2 (n int, gone int, place text NOT NULL, id int NOT NULL)",
                    "ALTER TABLE measure_b2 DROP COLUMN gone",
                    "ALTER TABLE measure_b ATTACH PARTITION measure_b2 FOR VALUES IN ('b2')",
                    ROWS.formatted(1, 500, "a','b1','b2"));
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    "table.include.list",
                    "public.measure",
                    "publish.via.partition.root",
                    String.valueOf(asRoot))) {
                connector.awaitSeam();
                awaitTold(connector, "");
                database.execute(
                        // Made inside, at both levels: nobody has to do anything.
                        "CREATE TABLE measure_c PARTITION OF measure FOR VALUES IN ('c')",
                        "CREATE TABLE measure_b3 PARTITION OF measure_b FOR VALUES IN ('b3')",
                        ROWS.formatted(1, 100, "c','b3"),
                        "UPDATE measure SET n = -n WHERE id % 3 = 0",
                        "UPDATE measure SET place = 'c' WHERE place = 'a' AND id > 450");
                assertThat(told(awaitTold(connector, "measure_c"), "made")).contains("public.measure_c");
                assertReplayed(database, connector, asRoot, "a", "b1", "b2", "b3", "c");

                database.execute(
                        // With rows that were never published.
                        "CREATE TABLE measure_d (LIKE measure INCLUDING ALL)",
                        "INSERT INTO measure_d SELECT i, 'd', i FROM generate_series(1, 50) i",
                        "ALTER TABLE measure ATTACH PARTITION measure_d FOR VALUES IN ('d')",
                        "ALTER TABLE measure DETACH PARTITION measure_a",
                        "INSERT INTO measure_a VALUES (9999, 'a', 0)",
                        "DROP TABLE measure_b1");
                JsonNode told = awaitTold(connector, "measure_d");
                assertThat(told(told, "attached")).containsExactly("public.measure_d");
                assertThat(told(told, "detached")).containsExactly("public.measure_a", "public.measure_b1");
                assertThat(told.path("count").asInt()).isEqualTo(4);
                // What the log says to do: from here on the topics have the rows of the new partition, too.
                restart(database, connector);
                database.execute("UPDATE measure_d SET n = n", "UPDATE measure_d SET n = -n WHERE id % 2 = 0");
                assertReplayed(database, connector, asRoot, "b2", "b3", "c", "d");
                database.execute("INSERT INTO measure_d SELECT i, 'd', i FROM generate_series(60, 70) i");
                assertReplayed(database, connector, asRoot, "b2", "b3", "c", "d");
                assertThat(connector.control("partitions"))
                        .as("told once, also by a task that was started again")
                        .filteredOn(record -> told(record, "attached").contains("public.measure_d"))
                        .hasSize(1);
            }
        }
    }

    /** Has the connector read the slot in another session. */
    private static void restart(TestDatabase database, RunningConnector connector) throws Exception {
        String reader =
                "SELECT coalesce(max(active_pid), 0)::text FROM pg_replication_slots WHERE database = current_database()";
        String before = database.queryOne(reader);
        connector.change("max.batch.size", "2000");
        Eventually.holds(
                "the slot is read by another session than " + before,
                Duration.ofSeconds(60),
                () -> !List.of("0", before).contains(database.queryOne(reader)),
                () -> "no other session");
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
                Duration.ofSeconds(60),
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
                replay.assertNoDuplicates();
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
