package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Partitions that are published as their table, with replica identities other than the table's (invariant I16). The server marks old rows
 * by the table's identity and fills them by the partition's.
 */
class PartitionIdentitiesIT extends ConnectorScenario {

    private static final String BODY = "repeat(md5(i::text), 200)";

    @Matrix(build = "14", nightly = "18")
    void anOldRowTellsWhatThePartitionsIdentityTells(int version) throws Exception {
        TestDatabase database = database(version);
        createTables(database);
        RunningConnector connector = connector(
                database,
                "publish.via.partition.root=true",
                "message.key.columns=public.keyed:cust",
                "toast.unchanged=complete");
        connector.awaitSeam();
        // Validation does not see this any more.
        database.execute(
                "ALTER TABLE whole_2 REPLICA IDENTITY DEFAULT", "ALTER TABLE keyed_2 REPLICA IDENTITY DEFAULT");
        for (String table : List.of("whole", "part")) {
            database.execute(
                    "UPDATE " + table + " SET cust = -cust WHERE id <= 4",
                    "UPDATE " + table + " SET id = id + 100, cust = NULL WHERE id IN (5, 6)",
                    "UPDATE " + table + " SET p = 3 - p WHERE id IN (7, 8)",
                    "DELETE FROM " + table + " WHERE id IN (9, 10)");
        }
        // All partitions that have changed so far tell the old key.
        database.execute("UPDATE keyed SET cust = 100 WHERE id = 2");
        connector.awaitReplayed("public.whole", "public.part");
        assertThat(keys(connector)).contains("{\"cust\":2}", "{\"cust\":100}");

        database.execute("UPDATE keyed SET cust = 101 WHERE id = 1");
        Eventually.holds(
                "the stream passes over the table before a record with a wrong key",
                () -> !connector.control("missed").isEmpty(),
                () -> connector.status().toString());
        assertThat(connector.control("missed").get(0).path("reason").asText())
                .contains("public.keyed", "public.keyed_2", "REPLICA IDENTITY FULL", "message.key.columns")
                .doesNotContain("public.keyed_1");
        database.execute("UPDATE whole SET cust = 7 WHERE id = 11");
        connector.awaitReplayed("public.whole");
        assertThat(keys(connector)).doesNotContain("{\"cust\":null}", "{\"cust\":101}");
        assertThat(connector.status().anyFailed()).isFalse();
    }

    private static void createTables(TestDatabase database) throws SQLException {
        for (String table : List.of("whole", "part", "keyed")) {
            database.execute(
                    "CREATE TABLE " + table + " (id int, p int, body text, cust int, PRIMARY KEY (id, p))"
                            + " PARTITION BY LIST (p)",
                    "CREATE TABLE " + table + "_1 PARTITION OF " + table + " FOR VALUES IN (1)",
                    // Other columns in another order.
                    "CREATE TABLE " + table + "_2 (cust int, body text, p int NOT NULL, id int NOT NULL)",
                    "ALTER TABLE " + table + " ATTACH PARTITION " + table + "_2 FOR VALUES IN (2)",
                    "ALTER TABLE " + table + "_1 ALTER body SET STORAGE EXTERNAL",
                    "ALTER TABLE " + table + "_2 ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO " + table + " SELECT i, i % 2 + 1, " + BODY + ", i FROM generate_series(1, 20) i");
        }
        database.execute(
                "ALTER TABLE whole REPLICA IDENTITY FULL",
                "ALTER TABLE whole_1 REPLICA IDENTITY FULL",
                "ALTER TABLE whole_2 REPLICA IDENTITY FULL",
                "ALTER TABLE part_1 REPLICA IDENTITY FULL",
                "ALTER TABLE keyed REPLICA IDENTITY FULL",
                "ALTER TABLE keyed_1 REPLICA IDENTITY FULL",
                "ALTER TABLE keyed_2 REPLICA IDENTITY FULL");
    }

    private List<String> keys(RunningConnector connector) {
        return TopicReader.readAll(cluster.bootstrapServers(), connector.topic("public.keyed")).stream()
                .map(ConsumerRecord::key)
                .map(key -> new String(key, StandardCharsets.UTF_8))
                .toList();
    }
}
