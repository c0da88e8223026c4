package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The tables that are streamed go on while others, which have been added, are copied and catch up. */
class LiveTopicsWhileCopyingIT extends ConnectorScenario {

    private static final String LIST = "table.include.list";
    private static final String FIRST = "public.account,public.document,public.event";

    private final Random random = Seed.random(LiveTopicsWhileCopyingIT.class);

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void changesOfTheOthersArriveWhileATableIsCopied(Delivery delivery) throws Exception {
        RunningConnector connector = connector(delivery);
        TestDatabase database = connector.database();
        RandomWriter writer = closing(RandomWriter.start(database, random.nextLong(), 1));
        connector.awaitSeam();
        // A stream that is still starting would be past the anchor that is opened meanwhile.
        connector.awaitCaughtUp();
        connector.slowDown();
        connector.change(LIST, FIRST + ",public.extra");
        Lsn anchor = awaitCopying(connector, 2);
        writeBoth(database, 1, 3);
        try (TableGate gate = TableGate.close(database, "extra")) {
            connector.hurry();
            connector.awaitStreamed(writer);
            assertThat(connector.control("seam")).hasSize(1);
            assertThat(connector.position()).as("the added table waits").isEqualTo(anchor);

            // The task goes on where it was, and still leaves out what is being copied.
            connector.restartTask(0);
            connector.awaitStreamed(writer);
            // What the task wrote of the copy when it started is enough for the next leader.
            connector.restartLeader();
            assertThat(changes(connector, "public.extra"))
                    .as("changes before the copy is complete")
                    .isEmpty();
            connector.holdSessions("lagging");
            gate.open();
        }
        writeBoth(database, 2, 20);
        connector.awaitSeam(2);

        // The others do not wait either while the added table catches up, for as long as that takes.
        connector.awaitStreamed(writer);
        connector.restartTask(0);
        connector.awaitStreamed(writer);
        assertThat(connector.position()).as("the added table waits").isEqualTo(anchor);
        connector.releaseSessions();
        writeBoth(database, 3, 20);
        writer.awaitMore(20);
        writer.stop();
        connector.awaitReplayed("public.account", "public.document", "public.event", "public.extra");
        assertThat(connector.generations("account")).containsOnly(1);
        assertThat(connector.generations("extra")).containsOnly(2);
    }

    @Matrix(build = "AT_LEAST_ONCE", nightly = "EXACTLY_ONCE")
    void aLostSnapshotIsReplacedWhereBothStand(Delivery delivery) throws Exception {
        RunningConnector connector = connector(delivery);
        TestDatabase database = connector.database();
        RandomWriter writer = closing(RandomWriter.start(database, random.nextLong(), 1));
        connector.awaitSeam();
        connector.awaitCaughtUp();
        connector.slowDown();
        connector.change(LIST, FIRST + ",public.extra");
        awaitCopying(connector, 2);
        writeBoth(database, 1, 3);
        try (TableGate gate = TableGate.close(database, "extra")) {
            connector.hurry();
            connector.awaitStreamed(writer);
            database.endSessions("(snapshot holder|copy)");
            gate.open();
        }
        connector.awaitSeam(3);
        writeBoth(database, 2, 20);
        writer.awaitMore(20);
        writer.stop();
        connector.awaitReplayed("public.account", "public.document", "public.event", "public.extra");
        assertThat(connector.generations("account")).containsOnly(1);
    }

    private RunningConnector connector(Delivery delivery) throws Exception {
        TestDatabase database = database(18);
        RandomWriter.createTables(database);
        database.execute(
                "CREATE TABLE extra (id int PRIMARY KEY, note text)",
                "INSERT INTO extra SELECT i, repeat('extra ' || i, 20) FROM generate_series(1, 20000) i");
        RunningConnector connector = slowConnector(
                cluster(delivery),
                database,
                RunningConnector.smallChunks(LIST + "=" + FIRST, "max.batch.size=100", "table.check.interval.ms=500"));
        connector.hurry();
        return connector;
    }

    /** Waits until rows are copied at an anchor, and gives its LSN. */
    private static Lsn awaitCopying(RunningConnector connector, int generation) {
        List<JsonNode> shares = new ArrayList<>();
        Eventually.holds("copying at anchor " + generation, () -> {
            shares.clear();
            connector.control("share").stream()
                    .filter(share -> share.path("generation").asInt() == generation)
                    .forEach(shares::add);
            return !shares.isEmpty();
        });
        return Lsn.parse(shares.get(0).path("lsn").asText());
    }

    /** Transactions that change tables of both sorts. */
    private static void writeBoth(TestDatabase database, int round, int transactions) throws SQLException {
        for (int row = 1; row <= transactions; row++) {
            int id = 1_000 * round + row;
            database.execute("BEGIN; UPDATE account SET owner = 'both' WHERE id = " + id
                    + "; UPDATE extra SET note = note || '+' WHERE id IN (" + id + ", " + (id + 10_000) + ")"
                    + "; UPDATE event SET seen = NOT seen WHERE id = " + id
                    + "; DELETE FROM extra WHERE id = " + (id + 500)
                    + "; INSERT INTO extra VALUES (" + (100_000 + id) + ", 'new'); COMMIT");
        }
    }

    private static List<String> changes(RunningConnector connector, String table) {
        return connector.values(table).stream()
                .filter(value -> !value.contains("\"__snapshot\":true"))
                .toList();
    }
}
