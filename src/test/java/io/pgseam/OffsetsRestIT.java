package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ConnectRest;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
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
class OffsetsRestIT {

    private static final String TABLE = "public.orders";

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Test
    void deletedOffsetsTakeTheSlotAlongAndEverythingIsCopiedAnew() throws Exception {
        try (TestDatabase database = database();
                RunningConnector connector = RunningConnector.create(cluster, database, "offsets_deleted")) {
            JsonNode first = connector.awaitSeam();
            connector.awaitCaughtUp();
            assertThat(cluster.offsets("offsets_deleted"))
                    .as("the position of the stream, the plan, two shares, one chunk")
                    .hasSizeGreaterThanOrEqualTo(4)
                    .anySatisfy((partition, offset) ->
                            assertThat(offset.path("lsn").asText()).matches("[0-9A-F]+/[0-9A-F]+"));
            cluster.stop("offsets_deleted");

            Map<String, ?> altered =
                    Map.of("partition", Map.of("server", database.name()), "offset", Map.of("lsn", "0/1"));
            assertThatThrownBy(() -> cluster.rest()
                            .patch("/connectors/offsets_deleted/offsets", Map.of("offsets", List.of(altered))))
                    .isInstanceOf(ConnectRest.Refused.class)
                    .hasMessageContaining("cannot be altered")
                    .hasMessageContaining("DELETE /connectors/offsets_deleted/offsets");
            assertThat(database.slots()).hasSize(1);

            cluster.rest().delete("/connectors/offsets_deleted/offsets");
            assertThat(database.slots()).isEmpty();
            assertThat(cluster.offsets("offsets_deleted")).isEmpty();
            database.execute(
                    "DELETE FROM orders WHERE id <= 10",
                    "UPDATE orders SET note = 'while there was no slot' WHERE id <= 20");

            cluster.resume("offsets_deleted");
            JsonNode second = awaitSeams(connector, 2);
            assertThat(second.path("generation").asInt()).isEqualTo(1);
            assertThat(second.path("lsn")).isNotEqualTo(first.path("lsn"));
            database.execute("UPDATE orders SET note = 'streamed' WHERE id = 500");
            connector.awaitCaughtUp();
            assertCopiedAnew(database, connector, second);
        }
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
        try (TestDatabase database = database()) {
            database.execute("CREATE PUBLICATION by_hand FOR TABLE orders");
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    "offsets_kept",
                    "slot.name",
                    "named_" + database.name(),
                    "publication.name",
                    "by_hand",
                    "publication.autocreate.mode",
                    "disabled")) {
                connector.awaitSeam();
                cluster.stop("offsets_kept");
                cluster.rest().delete("/connectors/offsets_kept/offsets");
                assertThat(cluster.offsets("offsets_kept")).isEmpty();
                assertThat(database.slots()).containsExactly("named_" + database.name());

                cluster.resume("offsets_kept");
                assertThat(cluster.awaitFailed("offsets_kept").toString())
                        .contains("named_" + database.name())
                        .contains("pg_drop_replication_slot");
                cluster.stop("offsets_kept");
                database.query("SELECT pg_drop_replication_slot('named_" + database.name() + "')::text || 'dropped'");
                cluster.resume("offsets_kept");
                awaitSeams(connector, 2);
                connector.awaitReplayed(TABLE);
            }
        }
    }

    private static JsonNode awaitSeams(RunningConnector connector, int count) {
        Eventually.holds(
                "seam " + count + " is there",
                RunningConnector.TIMEOUT,
                () -> connector.control("seam").size() >= count);
        List<JsonNode> seams = connector.control("seam");
        return seams.get(seams.size() - 1);
    }

    private static TestDatabase database() throws Exception {
        TestDatabase database = PostgresServer.shared(17).createDatabase();
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
        return database;
    }
}
