package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows of tens of megabytes, and rows that are larger than the producer takes, in both phases. */
class OversizeIT extends ConnectorScenario {

    private static final String LIMIT = "64kB";

    @Test
    void aValueOfTensOfMegabytesGoesThroughBothPhases() throws Exception {
        TestDatabase database = database(18);
        // 24 MB of text with much to escape, and 12 MB of bytes.
        String values = "repeat(E'0123\"\\\\\\n漢', 2400000), decode(repeat('00ff', 6000000), 'hex')";
        database.execute(
                "CREATE TABLE huge (id int PRIMARY KEY, body text, raw bytea)",
                "INSERT INTO huge VALUES (1, 'small', NULL)",
                "INSERT INTO huge SELECT 2, " + values,
                "INSERT INTO huge VALUES (3, 'small', NULL)");
        RunningConnector connector = connector(
                database,
                "producer.override.max.request.size=100000000",
                "producer.override.buffer.memory=200000000",
                "topic.creation.default.max.message.bytes=100000000",
                "max.queue.size.in.bytes=64kB");
        connector.awaitSeam();
        database.execute(
                "INSERT INTO huge SELECT 4, " + values,
                "INSERT INTO huge VALUES (5, 'small', NULL)",
                "UPDATE huge SET id = 6 WHERE id = 2");
        Replay replay = connector.awaitReplayed("public.huge");
        assertThat(replay.snapshotRows()).isEqualTo(3);
    }

    @Test
    void recordsThatAreTooLargeAreLeftOutAndTold() throws Exception {
        TestDatabase database = documents(14);
        RunningConnector connector = connector(
                database,
                "message.max.bytes=" + LIMIT,
                "message.oversize=skip",
                "snapshot.chunk.size=64kB",
                "snapshot.stride.size=64kB");
        JsonNode seam = connector.awaitSeam();
        String topic = connector.topic("public.documents");
        assertThat(seam.path("rows").asLong()).isEqualTo(297);
        assertThat(seam.path("left_out").asLong()).isEqualTo(3);
        assertThat(seam.path("topics").size()).isEqualTo(1);
        assertThat(connector.replayToSeam(seam, "public.documents").rows(topic)).hasSize(297);
        assertCopiedAndTold(connector, seam);
        assertThat(connector.control("chunk").stream()
                        .mapToLong(chunk -> chunk.path("rows").asLong())
                        .sum())
                .isEqualTo(297);

        database.execute(
                "BEGIN; INSERT INTO documents VALUES (401, 'small'); UPDATE documents SET body = repeat('y', 100000)"
                        + " WHERE id = 1; INSERT INTO documents VALUES (402, 'small'); COMMIT",
                "UPDATE documents SET id = -id WHERE id = 200",
                "ALTER TABLE documents REPLICA IDENTITY FULL",
                "DELETE FROM documents WHERE id = 300",
                "UPDATE documents SET body = 'small' WHERE id = 100");
        connector.awaitCaughtUp();
        List<JsonNode> streamed = connector.control("oversize").subList(3, 5);
        assertThat(streamed)
                .extracting(told -> told.path("key").path("id").asInt())
                .containsExactly(1, -200);
        assertThat(streamed).extracting(told -> told.path("seq").asInt()).containsExactly(8, 4);
        assertThat(connector.rows("public.documents")).hasSize(297 + 2 + 1);
        assertThat(connector.values("public.documents"))
                .anySatisfy(
                        value -> assertThat(value).startsWith("{\"id\":402,").contains("\"__seq\":12"))
                .anySatisfy(value -> assertThat(value).startsWith("{\"id\":300,\"__op\":1"))
                .anySatisfy(value -> assertThat(value).startsWith("{\"id\":200,\"__op\":1"))
                .allSatisfy(value -> assertThat(value.length()).isLessThan(64 << 10));
    }

    private static void assertCopiedAndTold(RunningConnector connector, JsonNode seam) {
        List<JsonNode> copied = connector.control("oversize");
        assertThat(copied)
                .extracting(told -> told.path("key").path("id").asInt())
                .containsExactlyInAnyOrder(100, 200, 300);
        assertThat(copied).allSatisfy(told -> {
            assertThat(told.path("table").asText()).isEqualTo("documents");
            assertThat(told.path("topic").asText()).isEqualTo(connector.topic("public.documents"));
            assertThat(told.path("lsn")).isEqualTo(seam.path("lsn"));
            assertThat(told.path("seq").asInt()).isZero();
            assertThat(told.path("bytes").asInt()).isBetween(100_000, 101_000);
            assertThat(told.path("limit").asInt()).isEqualTo(64 << 10);
        });
    }

    @Test
    void aRecordThatIsTooLargeStopsTheTaskWhichGoesOnWhenItMay() throws Exception {
        TestDatabase database = documents(18);
        RunningConnector connector = connector(database, "message.max.bytes=" + LIMIT);
        assertThat(connector.awaitTraces("A record of table public.documents (key id) at ", "the producer takes 65536"))
                .contains("producer.override.max.request.size", "message.oversize=skip")
                .doesNotContain("xxxxx");
        connector.change("message.max.bytes", "1MB");
        connector.awaitSeam();
        // Stopped meanwhile, lest the insert be streamed under the limit before.
        connector.stop();
        connector.change("message.max.bytes", LIMIT);
        connector.resume();
        database.execute("INSERT INTO documents VALUES (401, 'small'), (402, repeat('y', 100000)), (403, 'small')");
        assertThat(connector.awaitTraces("A record of table public.documents (key id) at "))
                .doesNotContain("yyyyy");
        connector.change("message.max.bytes", "1MB");
        connector.awaitReplayed("public.documents");
        assertThat(connector.control("oversize")).isEmpty();
    }

    @Test
    void recordsInDebeziumsEnvelopeThatAreTooLargeAreLeftOutOrStopTheTask() throws Exception {
        TestDatabase database = documents(18);
        RunningConnector connector = connector(
                database,
                "output.format=debezium",
                "key.converter=org.apache.kafka.connect.json.JsonConverter",
                "value.converter=org.apache.kafka.connect.json.JsonConverter",
                "message.max.bytes=" + LIMIT,
                "message.oversize=skip");
        String topic = connector.topic("public.documents");
        connector.awaitSeam();
        assertThat(envelopes(topic)).hasSize(297);
        assertThat(connector.control("oversize")).hasSize(3);
        database.execute(
                "BEGIN; INSERT INTO documents VALUES (401, 'small'); UPDATE documents SET body = repeat('y', 100000)"
                        + " WHERE id = 1; INSERT INTO documents VALUES (402, 'small'); COMMIT",
                "ALTER TABLE documents REPLICA IDENTITY FULL",
                "DELETE FROM documents WHERE id = 300");
        connector.awaitCaughtUp();
        assertThat(connector.control("oversize"))
                .extracting(told -> told.path("key").path("id").asInt())
                .containsExactlyInAnyOrder(100, 200, 300, 1);
        assertThat(connector.control("oversize"))
                .allSatisfy(told -> assertThat(told.path("bytes").asInt()).isBetween(100_000, 101_000));
        List<JsonNode> envelopes = envelopes(topic);
        // Two inserts; the delete, which has the key only, with its tombstone.
        assertThat(envelopes).hasSize(297 + 2 + 2);
        assertThat(envelopes)
                .filteredOn(value -> "c".equals(value.path("op").asText()))
                .extracting(value -> value.at("/after/id").asInt())
                .containsExactlyInAnyOrder(401, 402);
        assertThat(envelopes)
                .filteredOn(value -> "d".equals(value.path("op").asText()))
                .extracting(value -> value.path("before").toString())
                .containsExactly("{\"id\":300,\"body\":null}");

        // Stopped meanwhile, lest the insert be streamed under the policy before.
        connector.stop();
        connector.change("message.oversize", "fail");
        connector.resume();
        database.execute("INSERT INTO documents VALUES (403, repeat('y', 100000))");
        assertThat(connector.awaitTraces("A record of table public.documents (key id) at ", "the producer takes 65536"))
                .doesNotContain("yyyyy");
    }

    private List<JsonNode> envelopes(String topic) {
        return TopicReader.readAll(cluster.bootstrapServers(), topic).stream()
                .map(record -> ExactJson.of(record.value()).path("payload"))
                .toList();
    }

    /** 300 rows, of which three are large. */
    private TestDatabase documents(int version) throws Exception {
        return database(
                version,
                "CREATE TABLE documents (id int PRIMARY KEY, body text)",
                "ALTER TABLE documents ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO documents SELECT i, repeat('x', CASE WHEN i % 100 = 0 THEN 100000 ELSE 1000 END)"
                        + " FROM generate_series(1, 300) i");
    }
}
