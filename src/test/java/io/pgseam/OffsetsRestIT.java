package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectRest;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** What a user can do with the connector's offsets over REST: read them, and delete them all to begin anew. */
class OffsetsRestIT extends ConnectorScenario {

    private static final String TABLE = "public.orders";

    @Test
    void deletedOffsetsTakeTheSlotAlongAndEverythingIsCopiedAnew() throws Exception {
        TestDatabase database = database();
        RunningConnector connector = connector(database);
        JsonNode first = connector.awaitSeam();
        connector.awaitCaughtUp();
        assertThat(connector.client().offsets())
                .as("the position of the stream, the plan, two shares, one chunk")
                .hasSizeGreaterThanOrEqualTo(4)
                .anySatisfy((partition, offset) ->
                        assertThat(offset.path("lsn").asText()).matches("[0-9A-F]+/[0-9A-F]+"));
        connector.stop();

        String offsets = "/connectors/" + connector.name() + "/offsets";
        Map<String, ?> altered = Map.of("partition", Map.of("server", database.name()), "offset", Map.of("lsn", "0/1"));
        assertThatThrownBy(() -> cluster.rest().patch(offsets, Map.of("offsets", List.of(altered))))
                .isInstanceOf(ConnectRest.Refused.class)
                .hasMessageContainingAll("cannot be altered", "DELETE " + offsets);
        assertThat(database.slots()).hasSize(1);

        cluster.rest().delete(offsets);
        assertThat(database.slots()).isEmpty();
        assertThat(connector.client().offsets()).isEmpty();
        database.execute(
                "DELETE FROM orders WHERE id <= 10",
                "UPDATE orders SET note = 'while there was no slot' WHERE id <= 20");

        connector.resume();
        JsonNode second = awaitSeams(connector, 2);
        assertThat(second.path("generation").asInt()).isEqualTo(1);
        assertThat(second.path("lsn")).isNotEqualTo(first.path("lsn"));
        database.execute("UPDATE orders SET note = 'streamed' WHERE id = 500");
        connector.awaitCaughtUp();
        assertCopiedAnew(database, connector, second);
    }

    /** Who reads on has the ghosts of what was deleted meanwhile; who begins where the new copy begins has the table. */
    private void assertCopiedAnew(TestDatabase database, RunningConnector connector, JsonNode seam) throws Exception {
        String topic = connector.topic(TABLE);
        Replay replay = new Replay();
        for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
            JsonNode range = seam.path("topics").path(topic).path(String.valueOf(record.partition()));
            if (record.offset() >= range.path("first").asLong()) {
                replay.apply(record);
            }
        }
        replay.assertConsistent();
        replay.assertNoDuplicates();
        try (Connection connection = database.connect()) {
            new SourceTruth(connection).assertReplayed(TABLE, replay, topic);
        }
        Replay all = new Replay().apply(TopicReader.readAll(cluster.bootstrapServers(), topic));
        assertThat(all.rows(topic)).hasSize(replay.rows(topic).size() + 10);
    }

    @Test
    void aSlotThatMayBeSomebodyElsesStays() throws Exception {
        TestDatabase database = database();
        database.execute("CREATE PUBLICATION by_hand FOR TABLE orders");
        RunningConnector connector = connector(
                database,
                "slot.name=named_" + database.name(),
                "publication.name=by_hand",
                "publication.autocreate.mode=disabled");
        connector.awaitSeam();
        connector.stop();
        cluster.rest().delete("/connectors/" + connector.name() + "/offsets");
        assertThat(connector.client().offsets()).isEmpty();
        assertThat(database.slots()).containsExactly("named_" + database.name());

        connector.resume();
        assertThat(cluster.awaitFailed(connector.name()).toString())
                .contains("named_" + database.name(), "pg_drop_replication_slot");
        connector.stop();
        database.query("SELECT pg_drop_replication_slot('named_" + database.name() + "')::text || 'dropped'");
        connector.resume();
        awaitSeams(connector, 2);
        connector.awaitReplayed(TABLE);
    }

    private static JsonNode awaitSeams(RunningConnector connector, int count) {
        Eventually.holds(
                "seam " + count + " is there", () -> connector.control("seam").size() >= count);
        List<JsonNode> seams = connector.control("seam");
        return seams.get(seams.size() - 1);
    }

    private TestDatabase database() throws Exception {
        return database(
                17,
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
    }
}
