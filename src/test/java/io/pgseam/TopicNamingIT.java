package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Topics that settings name, several tables in one of them, and topics that a transformation renames. */
class TopicNamingIT extends ConnectorScenario {

    @Test
    void tablesShareATopicAndTheSeamHoldsForItAndForRenamedTopics() throws Exception {
        TestDatabase database = database(18);
        for (String tenant : new String[] {"tenant_1", "tenant_2"}) {
            database.execute(
                    "CREATE SCHEMA " + tenant,
                    "CREATE TABLE " + tenant + ".orders (id int PRIMARY KEY, note text)",
                    "INSERT INTO " + tenant + ".orders SELECT i, '" + tenant + "' FROM generate_series(1, 500) i");
        }
        database.execute(
                "CREATE TABLE other (id int PRIMARY KEY)",
                "INSERT INTO other SELECT generate_series(1, 300)",
                "CREATE TABLE plain (id int PRIMARY KEY)");
        RunningConnector connector = connector(
                database,
                "topic.naming=${prefix}.${table}",
                "topic.mapping=tenant_\\d+\\.(.*):${prefix}.shop-$1",
                "flat.key.table=true",
                "transforms=rename",
                "transforms.rename.type=org.apache.kafka.connect.transforms.RegexRouter",
                "transforms.rename.regex=(.*)\\.other",
                "transforms.rename.replacement=$1.renamed");
        JsonNode seam = connector.awaitSeam();
        database.execute(
                "UPDATE tenant_1.orders SET id = id + 1000 WHERE id % 2 = 0",
                "DELETE FROM tenant_2.orders WHERE id % 3 = 0",
                "UPDATE other SET id = -id",
                "INSERT INTO plain VALUES (1)");
        connector.awaitCaughtUp();

        String shared = connector.topic("shop-orders");
        Map<JsonNode, JsonNode> rows = connector.replay("shop-orders").rows(shared);
        assertThat(rows).hasSize(500 + 500 - 166);
        assertThat(rows.keySet().stream()
                        .filter(key -> key.path("__table").asText().equals("tenant_1.orders")))
                .hasSize(500);
        assertThat(connector.replay("renamed").rows(connector.topic("renamed")))
                .hasSize(300)
                .allSatisfy((key, row) -> assertThat(row.path("id").asInt()).isNegative());
        assertThat(connector.replay("plain").rows(connector.topic("plain"))).hasSize(1);
        assertThat(assertSeam(seam, shared)).isEqualTo(1_000);
        assertThat(assertSeam(seam, connector.topic("renamed"))).isEqualTo(300);
        assertThat(cluster.topics()).doesNotContain(connector.topic("other"));
        assertThat(connector.control("table"))
                .extracting(table -> table.path("published_as").asText() + " "
                        + table.path("topic").asText())
                .contains("tenant_1.orders " + shared, "tenant_2.orders " + shared);
    }

    /** Every copied row is before the seam, every change after it; returns how many rows are before. */
    private int assertSeam(JsonNode seam, String topic) throws Exception {
        int copied = 0;
        for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
            JsonNode offsets = seam.path("topics").path(topic).path(String.valueOf(record.partition()));
            boolean snapshot = new String(record.value(), StandardCharsets.UTF_8).contains("\"__snapshot\":true");
            assertThat(record.offset() <= offsets.path("last").asLong(-1))
                    .as(topic + " " + record.partition() + "@" + record.offset() + ", the seam has " + offsets)
                    .isEqualTo(snapshot);
            copied += snapshot ? 1 : 0;
        }
        return copied;
    }
}
