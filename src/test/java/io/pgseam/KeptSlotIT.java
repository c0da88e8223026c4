package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A slot of the connector's own that a run left behind before it committed anything. */
class KeptSlotIT {

    @Test
    void streamsWhatTheSlotHasBeforeItCopies() throws Exception {
        try (TestDatabase database = PostgresServer.shared(17).createDatabase()) {
            String name = "pgseam_" + database.name();
            database.execute(
                    "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                    "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i",
                    "CREATE PUBLICATION " + name + " FOR TABLE orders",
                    "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')",
                    "DELETE FROM orders WHERE id <= 3",
                    "UPDATE orders SET note = 'changed' WHERE id = 4");
            ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
            try (RunningConnector connector = RunningConnector.create(cluster, database, "kept_slot")) {
                JsonNode seam = connector.awaitSeam();

                assertThat(seam.path("generation").asInt()).isEqualTo(2);
                assertThat(connector.control("catch_up")).hasSize(1);
                // The earlier run may have sent these rows: whoever reads the topic has to learn that they are gone.
                assertThat(TopicReader.readAll(cluster.bootstrapServers(), connector.topic("public.orders")).stream()
                                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                                .filter(value -> value.contains("\"__op\":1")))
                        .hasSize(3);
                database.execute("INSERT INTO orders VALUES (2000, 'after')");
                connector.awaitReplayed("public.orders");
            }
        }
    }

    @Test
    void endsByItselfWhereNothingIsToBeStreamed() throws Exception {
        try (TestDatabase database = PostgresServer.shared(17).createDatabase()) {
            database.execute(
                    "CREATE TABLE orders (id bigint PRIMARY KEY)",
                    "INSERT INTO orders SELECT generate_series(1, 1000)");
            ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
            try (RunningConnector connector =
                    RunningConnector.create(cluster, database, "initial_only", "snapshot.mode", "initial_only")) {
                assertThat(connector.awaitSeam().path("generation").asInt()).isEqualTo(1);
                Eventually.holds(
                        "the slot is dropped",
                        RunningConnector.TIMEOUT,
                        () -> database.query("SELECT count(*) FROM pg_replication_slots WHERE database = '"
                                        + database.name() + "'")
                                .equals(List.of("0")),
                        () -> cluster.status("initial_only").toString());
                assertThat(connector.control("anchor")).hasSize(1);
                assertThat(connector.control("end")).hasSize(1);
            }
        }
    }
}
