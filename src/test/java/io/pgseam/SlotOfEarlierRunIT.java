package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run left behind that ended before it committed anything: a slot of the connector's own, or one that is being created. */
class SlotOfEarlierRunIT {

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
                assertThat(connector.values("public.orders").stream().filter(value -> value.contains("\"__op\":1")))
                        .hasSize(3);
                database.execute("INSERT INTO orders VALUES (2000, 'after')");
                connector.awaitReplayed("public.orders");
            }
        }
    }

    /**
     * An earlier run still waits for older transactions, as its slot has to. Nobody knows yet whether there will be one: where the
     * creation is given up, the slot vanishes.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void waitsForASlotThatIsBeingCreated(boolean givenUp) throws Exception {
        String name = "slot_in_creation_" + givenUp;
        try (TestDatabase database = PostgresServer.shared(17).createDatabase();
                Connection older = database.connect()) {
            database.execute(
                    "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                    "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
            older.setAutoCommit(false);
            older.createStatement().execute("UPDATE orders SET note = 'by an older transaction' WHERE id = 1");
            try (Connection earlier = earlierLeader(database, name)) {
                CompletableFuture<Void> creation = CompletableFuture.runAsync(() -> createSlot(earlier, database));
                Eventually.holds("the slot is being created", RunningConnector.TIMEOUT, () -> inCreation(database));
                LogFile log = LogFile.fromNow();
                ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
                try (RunningConnector connector = RunningConnector.create(cluster, database, name)) {
                    Eventually.holds(
                            "the connector waits",
                            RunningConnector.TIMEOUT,
                            () -> !log.lines("WARN", "pgseam_" + database.name(), "an earlier run")
                                    .isEmpty());
                    assertThat(inCreation(database)).isTrue();
                    if (givenUp) {
                        database.endSlotReaders();
                        assertThat(creation).failsWithin(RunningConnector.TIMEOUT);
                    }
                    older.commit();
                    if (!givenUp) {
                        assertThat(creation).succeedsWithin(RunningConnector.TIMEOUT);
                        earlier.close();
                    }
                    assertThat(connector.awaitSeam().path("generation").asInt()).isEqualTo(givenUp ? 1 : 2);
                    database.execute("UPDATE orders SET note = 'changed' WHERE id = 2");
                    connector.awaitReplayed("public.orders").assertNoDuplicates();
                }
            }
        }
    }

    private static boolean inCreation(TestDatabase database) throws SQLException {
        return database.query("SELECT 1 FROM pg_replication_slots WHERE database = current_database()"
                        + " AND active AND confirmed_flush_lsn IS NULL")
                .equals(List.of("1"));
    }

    /** A temporary slot is gone with its session; but the server notices the end of a killed worker's session late. */
    @Test
    void temporarySlotsOfAnEarlierRunAreNotInTheWay() throws Exception {
        try (TestDatabase database = PostgresServer.shared(17).createDatabase();
                Connection earlier = earlierLeader(database, "temporary_slots");
                Statement session = earlier.createStatement()) {
            String slot = "pgseam_" + database.name();
            database.execute(
                    "CREATE TABLE orders (id bigint PRIMARY KEY)",
                    "INSERT INTO orders SELECT generate_series(1, 1000)",
                    "CREATE PUBLICATION " + slot + " FOR TABLE orders",
                    "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
            session.execute("CREATE_REPLICATION_SLOT " + slot + "_anchor TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT");
            ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
            try (RunningConnector connector = RunningConnector.create(cluster, database, "temporary_slots")) {
                assertThat(connector.awaitSeam().path("generation").asInt()).isEqualTo(2);
            }
        }
    }

    /** The session in which an earlier leader of this connector creates a slot. */
    private static Connection earlierLeader(TestDatabase database, String connector) throws SQLException {
        ConnectionSettings any = database.connectionSettings();
        ConnectionSettings settings = new ConnectionSettings(
                any.hostname(),
                any.port(),
                any.database(),
                any.user(),
                any.password(),
                any.connectTimeoutMs(),
                any.driverProperties(),
                "pgseam " + connector);
        return new Sessions(settings).openReplication("anchor");
    }

    private static void createSlot(Connection session, TestDatabase database) {
        try (Statement statement = session.createStatement()) {
            // The older transaction may take its time.
            statement.execute("SET lock_timeout = 0");
            statement.execute(
                    "CREATE_REPLICATION_SLOT pgseam_" + database.name() + " LOGICAL pgoutput EXPORT_SNAPSHOT");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
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
