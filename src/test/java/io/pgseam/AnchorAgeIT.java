package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An anchor that has become too old is given up for a newer one, and the source with it what it keeps; the copy stays exact. */
class AnchorAgeIT extends ConnectorScenario {

    private final Random random = Seed.random(AnchorAgeIT.class);

    /** So old is every anchor as soon as a chunk is copied at it. */
    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void copiesAtOneAnchorAfterTheOtherWhileOthersWrite(Delivery delivery) throws Exception {
        TestDatabase database = database(18);
        RandomWriter.createTables(database);
        database.execute(
                "CREATE TABLE part (id int PRIMARY KEY, note text)",
                "INSERT INTO part SELECT i, 'note ' || i FROM generate_series(1, 20000) i");
        RandomWriter first = closing(RandomWriter.start(database, random.nextLong(), 1));
        RunningConnector connector = slowConnector(
                cluster(delivery),
                database,
                "snapshot.anchor.max.age.ms=1",
                "snapshot.chunk.size=1MB",
                "snapshot.stride.size=64kB",
                "max.batch.size=500",
                "tasks.max=1");
        connector.slowDown(200_000);
        Eventually.holds("a chunk is copied", () -> !connector.control("chunk").isEmpty());
        connector.hold();
        first.awaitMore(50);
        // Each anchor has to catch up with what was written since the one before: on a slow machine a lot.
        first.stop();
        Eventually.holds(
                "the first anchor is given up",
                () -> connector.cluster().connector(connector.name()).taskConfigurations().stream()
                        .anyMatch(task -> task.path("pgseam.task.generation").asInt() > 1));
        connector.hurry();
        try (RandomWriter second = RandomWriter.start(database, random.nextLong(), 2)) {
            second.awaitMore(50);
            second.stop();
        }
        JsonNode seam = connector.awaitSeam();
        assertThat(seam.path("generation").asInt()).isGreaterThan(1);
        assertThat(database.confirmed())
                .as("the slot moves on while tables are copied")
                .isGreaterThan(anchors(connector).get(0));
        assertThat(connector.control("catch_up")).isNotEmpty();
        database.execute("UPDATE part SET note = note || '.' WHERE id % 100 = 0");
        connector.awaitReplayed("public.part", RandomWriter.TABLES[0], RandomWriter.TABLES[1], RandomWriter.TABLES[2]);
    }

    /** Others would not get any further: an anchor at which nothing was finished is never given up for its age. */
    @Test
    void keepsAnAnchorAtWhichNothingWasFinished() throws Exception {
        TestDatabase database = database(18);
        database.execute("CREATE TABLE one (id int PRIMARY KEY)", "INSERT INTO one VALUES (1)");
        RunningConnector connector = connector(database, "snapshot.anchor.max.age.ms=1");
        assertThat(connector.awaitSeam().path("generation").asInt()).isEqualTo(1);
    }

    /** The table that is left is locked: the leader has to wait with the newer anchor, and the copy goes on meanwhile. */
    @Test
    void givesUpAnAnchorThatIsTooOldWhateverTheCopyWaitsFor() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE many (id bigint PRIMARY KEY, note text)",
                "INSERT INTO many SELECT i, 'note ' || i FROM generate_series(1, 60000) i",
                "CREATE TABLE gate (id int PRIMARY KEY)",
                "INSERT INTO gate VALUES (1)");
        RunningConnector connector =
                heldConnector(database, RunningConnector.smallChunks("snapshot.anchor.max.age.ms=3000"));
        try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "gate")) {
            // It waits for the table, or, with its slot, for the transaction.
            Eventually.holds(
                    "the leader waits",
                    () -> !database.sessions("(publication|anchor)").isEmpty());
            database.execute("UPDATE many SET note = note || '.' WHERE id % 100 = 0");
            gate.open();
        }
        assertThat(connector.awaitSeam().path("generation").asInt()).isGreaterThan(1);
        connector.awaitReplayed("public.many", "public.gate");
    }

    private static List<Lsn> anchors(RunningConnector connector) {
        return connector.control("anchor").stream()
                .map(anchor -> Lsn.parse(anchor.path("lsn").asText()))
                .sorted()
                .toList();
    }
}
