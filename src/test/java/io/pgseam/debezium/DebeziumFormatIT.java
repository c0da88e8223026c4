package io.pgseam.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.ConnectorScenario;
import io.pgseam.RunningConnector;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Debezium's envelope from our connector: what there is no twin to compare with, and Debezium's transformations on it. */
class DebeziumFormatIT extends ConnectorScenario {

    private static final String[] FORMAT = {
        "output.format=debezium",
        "skipped.operations=none",
        "topic.creation.default.partitions=1",
        "key.converter=org.apache.kafka.connect.json.JsonConverter",
        "key.converter.schemas.enable=false",
        "value.converter=org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable=false"
    };

    @Test
    void copiesAndStreamsWithDebeziumsTransformations() throws Exception {
        TestDatabase database = database(
                18,
                "CREATE TYPE mood AS ENUM ('sad')",
                "CREATE TABLE t (id int PRIMARY KEY, a text, m mood)",
                "CREATE TABLE strict (id int PRIMARY KEY, a text)",
                "CREATE TABLE outbox (id uuid PRIMARY KEY, aggregatetype text NOT NULL, aggregateid text NOT NULL,"
                        + " type text NOT NULL, payload jsonb)",
                "INSERT INTO t SELECT i, 'x', 'sad' FROM generate_series(1, 500) i");
        List<RunningConnector> connectors = List.of(
                debezium(
                        database,
                        "envelope",
                        RunningConnector.smallChunks("tasks.max=2", "table.include.list=public.t,public.strict")),
                debezium(
                        database,
                        "unwrapped",
                        "tasks.max=1",
                        "table.include.list=public.t",
                        "transforms=unwrap",
                        "transforms.unwrap.type=io.debezium.transforms.ExtractNewRecordState"),
                debezium(
                        database,
                        "routed",
                        "tasks.max=1",
                        "table.include.list=public.outbox",
                        "transforms=outbox",
                        "transforms.outbox.type=io.debezium.transforms.outbox.EventRouter",
                        "transforms.outbox.predicate=isTable",
                        "predicates=isTable",
                        "predicates.isTable.type=org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
                        "predicates.isTable.pattern=routed\\.public\\..*"));
        connectors.forEach(RunningConnector::awaitSeam);
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
    }

    private RunningConnector debezium(TestDatabase database, String name, String... settings) {
        return another(
                database,
                name,
                Stream.concat(Stream.of(FORMAT), Stream.of(settings)).toArray(String[]::new));
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

    private List<Message> await(String topic, int count) {
        Eventually.holds(
                topic + " has " + count + " records",
                () -> read(topic).size() >= count,
                () -> cluster.topics() + ", it has " + read(topic).size());
        return read(topic);
    }

    private List<Message> read(String topic) {
        List<Message> messages = new ArrayList<>();
        if (cluster.topics().contains(topic)) {
            for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
                messages.add(new Message(ExactJson.of(record.key()), ExactJson.of(record.value())));
            }
        }
        return messages;
    }

    private record Message(JsonNode key, JsonNode value) {}
}
