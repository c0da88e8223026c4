package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.net.URI;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The leader moves while tasks copy: the next one takes the snapshot and the plan over, the tasks notice nothing, and no row
 * is read twice.
 */
class SnapshotTakeoverIT extends ConnectorScenario {

    private static final String[] TABLES = {"public.many", "public.gate"};

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void aRestartedConnectorTakesTheSnapshotOver(Delivery delivery) throws Exception {
        TestDatabase database = database();
        RunningConnector connector = connector(cluster(delivery), database, 2);
        try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "gate")) {
            connector.awaitAllButOneChunk();
            List<String> readers = database.sessions("copy");
            write(database);

            connector.restartLeader();
            write(database);

            // A paused connector has no leader, and its tasks keep the snapshot.
            List<String> holders = database.sessions("snapshot holder");
            connector.pause();
            assertThat(database.sessions("snapshot holder")).isEmpty();
            connector.resume();
            connector.awaitAnotherHolder(holders);

            assertThat(database.sessions("copy")).isEqualTo(readers);
            gate.open();
            assertOneAnchorAndEachRowOnce(connector);
            assertThat(connector.control("share")).as("no task began anew").hasSize(2);
        }
        assertTheStreamOutlivesItsLeader(connector);
    }

    private static void assertTheStreamOutlivesItsLeader(RunningConnector connector) throws SQLException {
        TestDatabase database = connector.database();
        String stream = database.sessions("stream").get(0);
        List<JsonNode> tasks = connector.client().taskConfigurations();
        connector.client().restart();
        connector.cluster().awaitRunning(connector.name(), 1);
        write(database);
        connector.awaitReplayed(TABLES);
        assertThat(connector.client().taskConfigurations()).isEqualTo(tasks);
        assertThat(database.sessions("stream")).containsExactly(stream);
    }

    /** Every task that had the snapshot under an id that the ledger knows is gone: the leader hands out its own. */
    @Test
    void tasksFindTheSnapshotWithTheLeaderWhenNoOtherTaskHasIt() throws Exception {
        TestDatabase database = database();
        RunningConnector connector = connector(cluster, database, 2);
        TableGate gate = closing(TableGate.closeOnceTheCopyHasBegun(connector, "gate"));
        connector.awaitAllButOneChunk();
        connector.restartLeader();
        database.endSessions("copy");
        write(database);
        gate.open();
        assertOneAnchorAndEachRowOnce(connector);
    }

    @Test
    void workersThatComeAndGoTakeTheSnapshotOver() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(3, Delivery.EXACTLY_ONCE);
        TestDatabase database = database();
        RunningConnector connector = connector(cluster, database, 3);
        try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "gate")) {
            connector.awaitAllButOneChunk();
            write(database);
            cluster.addWorker();
            cluster.awaitRunning(connector.name(), 3);

            List<String> holders = database.sessions("snapshot holder");
            removeLeader(cluster, connector.name());
            connector.awaitAnotherHolder(holders);
            write(database);

            holders = database.sessions("snapshot holder");
            removeLeader(cluster, connector.name());
            connector.awaitAnotherHolder(holders);
            cluster.awaitRunning(connector.name(), 3);
            write(database);
            gate.open();
            assertOneAnchorAndEachRowOnce(connector);
        } finally {
            cluster.restoreWorkers();
        }
    }

    private static void removeLeader(ConnectCluster cluster, String connector) {
        List<URI> leading = new ArrayList<>();
        Eventually.holds(
                "it is known which worker leads",
                () -> {
                    String leader = cluster.status(connector).connector().worker();
                    leading.clear();
                    cluster.workers().stream()
                            .filter(worker -> leader.endsWith(":" + worker.getPort()))
                            .forEach(leading::add);
                    return leading.size() == 1;
                },
                () -> cluster.workers() + "\n" + cluster.status(connector));
        cluster.removeWorker(leading.get(0));
    }

    private static void assertOneAnchorAndEachRowOnce(RunningConnector connector) throws SQLException {
        JsonNode seam = connector.awaitSeam();
        assertThat(seam.path("generation").asInt()).isEqualTo(1);
        assertThat(connector.control("catch_up")).isEmpty();
        write(connector.database());
        Replay all = connector.awaitReplayed(TABLES);
        assertThat(all.snapshotRows()).isEqualTo(seam.path("rows").asLong()).isEqualTo(60_000 + 500);
    }

    private RunningConnector connector(ConnectCluster cluster, TestDatabase database, int tasks) throws Exception {
        return heldConnector(cluster, database, RunningConnector.smallChunks("tasks.max=" + tasks));
    }

    private TestDatabase database() throws Exception {
        return database(
                17,
                "CREATE TABLE many (id bigint PRIMARY KEY, note text)",
                "INSERT INTO many SELECT i, 'note ' || i FROM generate_series(1, 60000) i",
                "CREATE TABLE gate (id int PRIMARY KEY, note text)",
                "INSERT INTO gate SELECT i, 'late ' || i FROM generate_series(1, 500) i");
    }

    private static void write(TestDatabase database) throws SQLException {
        database.execute(
                "UPDATE many SET note = note || ' changed' WHERE id % 10 = 0 AND id > 0 AND id <= 3000",
                "DELETE FROM many WHERE id IN (SELECT id FROM many WHERE id % 7 = 3 ORDER BY id LIMIT 20)",
                "UPDATE many SET id = -id WHERE id IN (SELECT id FROM many WHERE id > 100 ORDER BY id LIMIT 5)",
                "INSERT INTO many SELECT max(id) + 1, 'new' FROM many");
    }
}
