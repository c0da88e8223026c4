package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.Seed;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.util.Random;

/**
 * The seam while applications write: no row missing, no ghost, each key in the order of its commits (I4, I9), and up to the
 * seam's offsets just what the source had at the anchor.
 */
class SeamUnderWritesIT extends ConnectorScenario {

    private static final String[] TABLES = {"public.account", "public.document", "public.event", "public.gate"};

    private final Random random = Seed.random(SeamUnderWritesIT.class);

    @Matrix(
            build = {"18, EXACTLY_ONCE, 3, false", "15, AT_LEAST_ONCE, 1, true"},
            nightly = {
                "14, EXACTLY_ONCE, 1, true",
                "15, AT_LEAST_ONCE, 3, false",
                "18, AT_LEAST_ONCE, 1, true",
                "18, EXACTLY_ONCE, 3, true"
            })
    void replayEqualsTheSourceAtTheAnchorAndAtTheEnd(int version, Delivery delivery, int workers, boolean packed)
            throws Exception {
        TestDatabase database = database(version);
        RandomWriter.createTables(database);
        // The smallest table is copied last.
        database.execute("CREATE TABLE gate (id int PRIMARY KEY)", "INSERT INTO gate VALUES (1), (2)");
        RandomWriter one = closing(RandomWriter.start(database, random.nextLong(), 1));
        RandomWriter other = closing(RandomWriter.start(database, random.nextLong(), 2));
        RunningConnector connector =
                heldConnector(ConnectCluster.shared(workers, delivery), database, settings(packed));
        Connection atAnchor = closing(database.connect());
        SourceTruth truth;
        JsonNode seam;
        try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "gate")) {
            truth = SourceTruth.atSnapshot(atAnchor, anySnapshot(connector));
            connector.awaitAllButOneChunk();
            one.awaitMore(50);
            other.awaitMore(50);
            gate.open();
            one.awaitMore(25);
            other.awaitMore(25);
            seam = connector.awaitSeam();
        }
        one.awaitMore(50);
        other.awaitMore(50);
        one.stop();
        other.stop();

        assertThat(seam.path("generation").asInt()).isEqualTo(1);
        assertThat(seam.path("offsets_exact").asBoolean()).isTrue();
        Replay copied = connector.replayToSeam(seam, TABLES);
        for (String table : TABLES) {
            truth.assertReplayed(table, copied, connector.topic(table));
        }
        assertThat(copied.changes()).as("changes before the seam").isZero();
        assertThat(copied.snapshotRows()).isEqualTo(seam.path("rows").asLong());
        Replay all = connector.awaitReplayed(TABLES);
        assertThat(all.changes()).isPositive();
        assertThat(all.snapshotRows()).as("snapshot rows after the seam").isEqualTo(copied.snapshotRows());
    }

    @Matrix(
            build = "18, EXACTLY_ONCE, 3, true",
            nightly = {"14, AT_LEAST_ONCE, 1, false", "18, AT_LEAST_ONCE, 3, true"})
    void replayEqualsTheSourceWhereTheSnapshotWasLostOnTheWay(
            int version, Delivery delivery, int workers, boolean packed) throws Exception {
        TestDatabase database = database(version);
        RandomWriter.createTables(database);
        // The smallest table is copied last.
        database.execute("CREATE TABLE gate (id int PRIMARY KEY)", "INSERT INTO gate VALUES (1), (2)");
        RandomWriter one = closing(RandomWriter.start(database, random.nextLong(), 1));
        RandomWriter other = closing(RandomWriter.start(database, random.nextLong(), 2));
        RunningConnector connector =
                heldConnector(ConnectCluster.shared(workers, delivery), database, settings(packed));
        try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "gate")) {
            Eventually.holds(
                    "some chunks are copied", () -> connector.control("chunk").size() > 20);
            // Every session that holds the snapshot, at once: otherwise one would take it over from another.
            database.endSessions(".*");
            one.awaitMore(25);
            other.awaitMore(25);
            gate.open();
        }
        JsonNode seam = connector.awaitSeam();
        one.awaitMore(50);
        other.awaitMore(50);
        one.stop();
        other.stop();

        assertThat(seam.path("generation").asInt()).isGreaterThan(1);
        assertThat(connector.control("catch_up")).isNotEmpty();
        connector.awaitReplayed(TABLES);
    }

    private static String[] settings(boolean packed) {
        return packed
                ? RunningConnector.smallChunks(
                        "max.batch.size=200", "tasks.max=4", "flat.pack.bytes=2kB", "flat.pack.buckets=7")
                : RunningConnector.smallChunks("max.batch.size=200", "tasks.max=4");
    }

    private static String anySnapshot(RunningConnector connector) {
        Eventually.holds(
                "a copy task tells its snapshot",
                () -> !connector.control("share").isEmpty());
        return connector.control("share").get(0).path("snapshot").asText();
    }
}
