package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run left behind that ended before it committed anything: a slot of the connector's own, or one that is being created. */
class SlotOfEarlierRunIT extends ConnectorScenario {

    @Test
    void streamsWhatTheSlotHasBeforeItCopies() throws Exception {
        TestDatabase database = database(17);
        String name = "pgseam_" + database.name();
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i",
                "CREATE PUBLICATION " + name + " FOR TABLE orders",
                "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')",
                "DELETE FROM orders WHERE id <= 3",
                "UPDATE orders SET note = 'changed' WHERE id = 4");
        RunningConnector connector = connector(database);
        JsonNode seam = connector.awaitSeam();

        assertThat(seam.path("generation").asInt()).isEqualTo(2);
        assertThat(connector.control("catch_up")).hasSize(1);
        // The earlier run may have sent these rows: whoever reads the topic has to learn that they are gone.
        assertThat(connector.values("public.orders").stream().filter(value -> value.contains("\"__op\":1")))
                .hasSize(3);
        database.execute("INSERT INTO orders VALUES (2000, 'after')");
        connector.awaitReplayed("public.orders");
    }

    /**
     * An earlier run still waits for older transactions, as its slot has to. Nobody knows yet whether there will be one: where the
     * creation is given up, the slot vanishes.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void waitsForASlotThatIsBeingCreated(boolean givenUp) throws Exception {
        TestDatabase database = database(17);
        Connection older = closing(database.connect());
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i");
        older.setAutoCommit(false);
        older.createStatement().execute("UPDATE orders SET note = 'by an older transaction' WHERE id = 1");
        Connection earlier = closing(earlierLeader(database));
        CompletableFuture<Void> creation = later(
                // The older transaction may take its time.
                earlier,
                "SET lock_timeout = 0",
                "CREATE_REPLICATION_SLOT pgseam_" + database.name() + " LOGICAL pgoutput EXPORT_SNAPSHOT");
        Eventually.holds("the slot is being created", () -> inCreation(database));
        LogFile log = LogFile.fromNow();
        RunningConnector connector = connector(database);
        log.awaitLine("WARN", "pgseam_" + database.name(), "an earlier run");
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
        connector.awaitReplayed("public.orders");
    }

    private static boolean inCreation(TestDatabase database) throws SQLException {
        return database.query("SELECT 1 FROM pg_replication_slots WHERE database = current_database()"
                        + " AND active AND confirmed_flush_lsn IS NULL")
                .equals(List.of("1"));
    }

    /** A temporary slot is gone with its session; but the server notices the end of a killed worker's session late. */
    @Test
    void temporarySlotsOfAnEarlierRunAreNotInTheWay() throws Exception {
        TestDatabase database = database(17);
        String slot = "pgseam_" + database.name();
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY)",
                "INSERT INTO orders SELECT generate_series(1, 1000)",
                "CREATE PUBLICATION " + slot + " FOR TABLE orders",
                "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
        closing(earlierLeader(database))
                .createStatement()
                .execute("CREATE_REPLICATION_SLOT " + slot + "_anchor TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT");
        assertThat(connector(database).awaitSeam().path("generation").asInt()).isEqualTo(2);
    }

    /** The session in which an earlier leader of this connector creates a slot. */
    private static Connection earlierLeader(TestDatabase database) throws SQLException {
        ConnectionSettings any = database.connectionSettings();
        ConnectionSettings settings = new ConnectionSettings(
                any.hostname(),
                any.port(),
                any.database(),
                any.user(),
                any.password(),
                any.connectTimeoutMs(),
                any.driverProperties(),
                "pgseam " + database.name());
        return new Sessions(settings).openReplication("anchor");
    }
}
