package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Messages keyed by columns that {@code message.key.columns} names, in both phases. */
class MessageKeyColumnsIT extends ConnectorScenario {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Matrix(build = "18", nightly = "14")
    void keysCopyAndStreamByTheseColumns(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                // Keyed by a part of the primary key, which the old row always tells.
                "CREATE TABLE part (tenant int, id int, note text, PRIMARY KEY (id, tenant))",
                "INSERT INTO part SELECT i % 7, i, 'n' FROM generate_series(1, 200) i",
                // Not unique, may be NULL, and too large to be sent where it does not change.
                "CREATE TABLE other (id int PRIMARY KEY, owner text, hidden text, note text)",
                "ALTER TABLE other REPLICA IDENTITY FULL, ALTER owner SET STORAGE EXTERNAL",
                "INSERT INTO other SELECT i, CASE WHEN i % 5 > 0 THEN repeat('o' || i % 5, 2000) END, 'h', 'n'"
                        + " FROM generate_series(1, 100) i",
                // No key of its own.
                "CREATE TABLE keyless (code text, value int)",
                "ALTER TABLE keyless REPLICA IDENTITY FULL",
                "INSERT INTO keyless SELECT 'c' || i, i FROM generate_series(1, 50) i",
                "CREATE TABLE shards (region text, id int, PRIMARY KEY (region, id)) PARTITION BY LIST (region)",
                "CREATE TABLE shards_a PARTITION OF shards FOR VALUES IN ('a')",
                "INSERT INTO shards SELECT 'a', i FROM generate_series(1, 20) i");
        RunningConnector connector = connector(
                database,
                "column.exclude.list=public.other.owner,public.other.hidden",
                "message.key.columns=public.part:tenant;public\\.oth.*:owner;PUBLIC.keyless:code;public.shards:id");
        connector.awaitSeam();
        database.execute(
                "UPDATE part SET id = -id WHERE id % 4 = 0",
                "UPDATE part SET tenant = 9 WHERE id % 5 = 1",
                "DELETE FROM part WHERE id % 9 = 0",
                "UPDATE other SET note = 'unchanged owner' WHERE id <= 50",
                "UPDATE other SET owner = 'new' WHERE id <= 20",
                "UPDATE other SET owner = NULL WHERE id BETWEEN 10 AND 30",
                "DELETE FROM other WHERE id > 90",
                "UPDATE keyless SET code = 'x' || code WHERE value <= 10",
                "DELETE FROM keyless WHERE value > 40",
                "INSERT INTO keyless VALUES ('c11', 11)",
                "INSERT INTO shards VALUES ('a', 100)");
        connector.awaitCaughtUp();

        assertReplayed(database, connector, "part", "tenant", List.of("id", "tenant"), "id", "tenant", "note");
        assertReplayed(database, connector, "other", "owner", List.of("id"), "id", "owner", "note");
        assertThat(keys(connector, "other")).contains("{\"owner\":null}");
        assertThat(keys(connector, "keyless")).contains("{\"code\":\"xc1\"}", "{\"code\":\"c50\"}");
        assertThat(keys(connector, "shards_a")).contains("{\"id\":1}", "{\"id\":100}");
        Map<String, Integer> rows = new HashMap<>();
        for (JsonNode[] record : records(connector, "keyless")) {
            int change = record[1].path("__op").asInt() == 0 ? 1 : -1;
            rows.merge(
                    record[0].path("code").asText() + " "
                            + record[1].path("value").asInt(),
                    change,
                    Integer::sum);
        }
        rows.values().removeIf(count -> count == 0);
        assertThat(rows).hasSize(40).containsEntry("c11 11", 2).containsEntry("xc3 3", 1);
    }

    /**
     * Every record is keyed by the column, and whoever keeps rows by their own key has the table: also the deletes say which row
     * is gone.
     */
    private void assertReplayed(
            TestDatabase database,
            RunningConnector connector,
            String table,
            String messageKey,
            List<String> rowKey,
            String... columns)
            throws Exception {
        Map<List<JsonNode>, String> rows = new HashMap<>();
        for (JsonNode[] record : records(connector, table)) {
            assertThat(record[0].size()).isEqualTo(1);
            assertThat(record[0].path(messageKey)).as(record[1].toString()).isEqualTo(record[1].path(messageKey));
            List<JsonNode> row = rowKey.stream().map(record[1]::path).toList();
            if (record[1].path("__op").asInt() == 0) {
                List<String> values = new ArrayList<>();
                for (String column : columns) {
                    values.add(record[1].path(column).asText());
                }
                rows.put(row, String.join(", ", values));
            } else {
                assertThat(rows.remove(row)).as(record[1].toString()).isNotNull();
            }
        }
        String values = "coalesce(" + String.join("::text, 'null'), coalesce(", columns) + "::text, 'null')";
        assertThat(rows.values())
                .containsExactlyInAnyOrderElementsOf(
                        database.query("SELECT concat_ws(', ', " + values + ") FROM " + table));
    }

    /** Key and value of each record, in an order in which those of one row are in order: all of one partition together. */
    private List<JsonNode[]> records(RunningConnector connector, String table) throws Exception {
        List<JsonNode[]> records = new ArrayList<>();
        List<ConsumerRecord<byte[], byte[]>> read = connector.records("public." + table);
        List<JsonNode[]> parsed = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : read) {
            parsed.add(new JsonNode[] {JSON.readTree(record.key()), JSON.readTree(record.value())});
        }
        // By commit and place in it, for a row whose message key changes goes on in another partition.
        parsed.stream()
                .sorted((first, second) -> {
                    int byLsn = Long.compare(
                            first[1].path("__lsn").asLong(),
                            second[1].path("__lsn").asLong());
                    return byLsn != 0
                            ? byLsn
                            : Long.compare(
                                    first[1].path("__seq").asLong(),
                                    second[1].path("__seq").asLong());
                })
                .forEach(records::add);
        return records;
    }

    private Set<String> keys(RunningConnector connector, String table) throws Exception {
        Set<String> keys = new HashSet<>();
        for (JsonNode[] record : records(connector, table)) {
            keys.add(record[0].toString());
        }
        return keys;
    }
}
