package io.pgseam.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Debezium's envelope from our connector: what there is no twin to compare with, and Debezium's transformations on it. */
class DebeziumFormatIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Test
    void copiesAndStreamsWithDebeziumsTransformations() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("envelope")) {
            database.execute(
                    "CREATE TYPE mood AS ENUM ('sad')",
                    "CREATE TABLE t (id int PRIMARY KEY, a text, m mood)",
                    "CREATE TABLE strict (id int PRIMARY KEY, a text)",
                    "CREATE TABLE outbox (id uuid PRIMARY KEY, aggregatetype text NOT NULL, aggregateid text NOT NULL,"
                            + " type text NOT NULL, payload jsonb)",
                    "INSERT INTO t SELECT i, 'x', 'sad' FROM generate_series(1, 500) i");
            Map<String, String> plain = settings(database, "envelope");
            plain.put("table.include.list", "public.t,public.strict");
            plain.put("snapshot.chunk.size", "64kB");
            plain.put("snapshot.stride.size", "16kB");
            plain.put("tasks.max", "2");
            Map<String, String> unwrapped = settings(database, "unwrapped");
            unwrapped.put("table.include.list", "public.t");
            unwrapped.put("transforms", "unwrap");
            unwrapped.put("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState");
            Map<String, String> routed = settings(database, "routed");
            routed.put("table.include.list", "public.outbox");
            routed.put("transforms", "outbox");
            routed.put("transforms.outbox.type", "io.debezium.transforms.outbox.EventRouter");
            routed.put("transforms.outbox.predicate", "isTable");
            routed.put("predicates", "isTable");
            routed.put("predicates.isTable.type", "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
            routed.put("predicates.isTable.pattern", "routed\\.public\\..*");
            try {
                cluster.configure("envelope", plain);
                cluster.configure("unwrapped", unwrapped);
                cluster.configure("routed", routed);
                for (String connector : List.of("envelope", "unwrapped", "routed")) {
                    awaitSeam(connector);
                }
                database.execute(
                        "ALTER TYPE mood ADD VALUE 'glad'",
                        "INSERT INTO t VALUES (1000, 'new', 'glad')",
                        "UPDATE t SET a = 'y' WHERE id = 1",
                        "DELETE FROM t WHERE id = 2",
                        "INSERT INTO strict VALUES (1, NULL); UPDATE strict SET a = 'x'; ALTER TABLE strict ALTER a SET NOT NULL",
                        "TRUNCATE strict",
                        "INSERT INTO strict VALUES (2, 'last')",
                        "INSERT INTO outbox VALUES ('0d0b6e1e-5a7c-4f0e-8a7b-1d2f3a4b5c6d', 'order', '7', 'OrderPlaced',"
                                + " '{\"total\": 12}')");

                assertCopied(await("envelope.public.t", 504));
                assertStrict(await("envelope.public.strict", 4));
                assertUnwrapped(await("unwrapped.public.t", 503));
                assertRouted(await("outbox.event.order", 1));
            } finally {
                for (String connector : List.of("envelope", "unwrapped", "routed")) {
                    cluster.delete(connector);
                }
            }
        }
    }

    private static void assertCopied(List<Message> messages) {
        List<JsonNode> copied = messages.stream()
                .map(Message::value)
                .filter(value -> "r".equals(value.path("op").asText()))
                .toList();
        assertThat(copied).hasSize(500);
        assertThat(copied)
                .filteredOn(value -> value.at("/source/snapshot").asText().equals("first"))
                .extracting(value -> value.at("/after/id").asInt())
                .containsExactly(1);
        assertThat(copied)
                .allSatisfy(
                        value -> assertThat(value.at("/source/lsn").asLong()).isPositive());
        assertThat(messages)
                .as("a value that the enum got while streaming, a tombstone after the delete")
                .anyMatch(message -> message.value().at("/after/m").asText().equals("glad"))
                .anyMatch(message ->
                        message.value().isNull() && message.key().path("id").asInt() == 2);
    }

    private static void assertStrict(List<Message> messages) {
        assertThat(messages)
                .extracting(message -> message.value().path("op").asText())
                .containsExactly("c", "u", "t", "c");
        assertThat(messages.get(0).value().at("/after/a").isNull())
                .as("NULL stays NULL, though the column forbids it by now")
                .isTrue();
        assertThat(messages.get(2).key().isNull()).as("a truncate has no key").isTrue();
    }

    private static void assertUnwrapped(List<Message> messages) {
        assertThat(messages).anySatisfy(message -> {
            assertThat(message.value().path("id").asInt()).isEqualTo(1);
            assertThat(message.value().path("a").asText()).isEqualTo("y");
            assertThat(message.value().has("op")).isFalse();
        });
        assertThat(messages)
                .anyMatch(message ->
                        message.value().isNull() && message.key().path("id").asInt() == 2);
    }

    private static void assertRouted(List<Message> messages) {
        assertThat(messages.get(0).key().asText()).isEqualTo("7");
        assertThat(messages.get(0).value().asText()).contains("\"total\"");
    }

    private static Map<String, String> settings(TestDatabase database, String prefix) {
        Map<String, String> settings = ConnectorSettings.of(database.connectionSettings(), prefix);
        settings.put("tasks.max", "1");
        settings.put("output.format", "debezium");
        settings.put("skipped.operations", "none");
        settings.put("topic.creation.default.partitions", "1");
        for (String converter : List.of("key.converter", "value.converter")) {
            settings.put(converter, "org.apache.kafka.connect.json.JsonConverter");
            settings.put(converter + ".schemas.enable", "false");
        }
        return settings;
    }

    private void awaitSeam(String connector) {
        try (ControlTopic control = new ControlTopic(cluster.bootstrapServers(), connector + ".seam")) {
            Eventually.holds(
                    connector + " has reached its seam",
                    TIMEOUT,
                    () -> {
                        control.follow();
                        return control.has("seam");
                    },
                    () -> cluster.status(connector).toString());
        }
    }

    private List<Message> await(String topic, int count) {
        Eventually.holds(
                topic + " has " + count + " records",
                TIMEOUT,
                () -> read(topic).size() >= count,
                () -> cluster.topics() + ", it has " + read(topic).size());
        return read(topic);
    }

    private List<Message> read(String topic) {
        List<Message> messages = new ArrayList<>();
        if (cluster.topics().contains(topic)) {
            for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
                messages.add(new Message(json(record.key()), json(record.value())));
            }
        }
        return messages;
    }

    private static JsonNode json(byte[] bytes) {
        return bytes == null ? JSON.nullNode() : parse(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("no JSON", e);
        }
    }

    private record Message(JsonNode key, JsonNode value) {}
}
