package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A slot that no longer has what is not in Kafka yet: the connector says so, and makes no record that hides it (I10). */
class SlotTroubleIT {

    private static final String TERMINATE = "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
            + " WHERE database = current_database() AND active_pid IS NOT NULL";
    private static final String DROP = "SELECT pg_drop_replication_slot(slot_name)::text || 'dropped'"
            + " FROM pg_replication_slots WHERE database = current_database() AND NOT active";

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Test
    void aSlotThatIsDroppedWhileItIsStreamed() throws Exception {
        try (TestDatabase database = database(PostgresServer.shared(17));
                RunningConnector connector = streaming(database, "slot_dropped")) {
            Eventually.holds("the slot is dropped", RunningConnector.TIMEOUT, () -> {
                database.query(TERMINATE);
                return !database.query(DROP).isEmpty();
            });
            assertThat(failure(connector))
                    .contains("\"pgseam_" + database.name() + "\" is gone", "DELETE /connectors/<name>/offsets");
        }
    }

    @Test
    void aSlotThatSomebodyElseHasAdvanced() throws Exception {
        try (TestDatabase database = database(PostgresServer.shared(17));
                RunningConnector connector = streaming(database, "slot_advanced")) {
            cluster.stop("slot_advanced");
            database.execute("INSERT INTO orders VALUES (2000, 'never to be seen')");
            database.query("SELECT end_lsn::text FROM pg_replication_slot_advance('pgseam_" + database.name()
                    + "', pg_current_wal_lsn())");
            cluster.resume("slot_advanced");
            assertThat(failure(connector))
                    .contains("pgseam_" + database.name(), "is confirmed up to", "somebody else has read or advanced");
        }
    }

    @Test
    void aSlotThatTheServerHasInvalidated() throws Exception {
        try (PostgresServer server = PostgresServer.start(17, Map.of("max_slot_wal_keep_size", "1MB"));
                TestDatabase database = database(server);
                RunningConnector connector = streaming(database, "slot_invalidated")) {
            cluster.stop("slot_invalidated");
            Eventually.holds("the server has removed WAL", RunningConnector.TIMEOUT, () -> {
                database.execute("INSERT INTO orders SELECT max(id) + 1, 'more' FROM orders", "CHECKPOINT");
                database.query("SELECT pg_switch_wal()::text");
                return database.query("SELECT wal_status FROM pg_replication_slots")
                        .equals(List.of("lost"));
            });
            cluster.resume("slot_invalidated");
            assertThat(failure(connector)).contains("invalidated by the server", "max_slot_wal_keep_size");
        }
    }

    private RunningConnector streaming(TestDatabase database, String name) throws Exception {
        RunningConnector connector = RunningConnector.create(cluster, database, name);
        connector.awaitSeam();
        connector.awaitCaughtUp();
        return connector;
    }

    private String failure(RunningConnector connector) {
        cluster.awaitStatus(
                connector.name(),
                "fails",
                RunningConnector.TIMEOUT,
                status -> status.connector().is("FAILED"));
        return cluster.status(connector.name()).connector().trace();
    }

    private static TestDatabase database(PostgresServer server) throws Exception {
        TestDatabase database = server.createDatabase();
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
        return database;
    }
}
