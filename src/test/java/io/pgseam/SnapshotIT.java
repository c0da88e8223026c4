package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is copied, how often, and what happens to a copy that is disturbed. */
class SnapshotIT {

    /** Each of them is committed by itself, so that rows can be seen long before their chunk is done. */
    private static final String[] SMALL_BATCHES = {"max.batch.size", "100", "tasks.max", "1"};

    private final ConnectCluster exactlyOnce = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Test
    void oneTaskAndFourTasksGiveTheSameRowsToTwoConnectorsOnOneDatabase() throws Exception {
        try (TestDatabase database = PostgresServer.shared(14).createDatabase("one_and_four")) {
            createRows(database, 5_000);
            database.execute("CREATE TABLE empty (id int PRIMARY KEY)");
            try (RunningConnector one = small(database, "with.tasks", "1");
                    RunningConnector four = small(database, "With.Tasks", "4")) {
                one.awaitSeam();
                four.awaitSeam();
                assertThat(one.control("anchor").get(0).path("tasks").asInt()).isEqualTo(1);
                assertThat(four.control("anchor").get(0).path("tasks").asInt()).isEqualTo(4);
                database.execute("UPDATE item SET note = 'changed' WHERE id % 100 = 0", "INSERT INTO empty VALUES (1)");
                Replay ofOne = one.awaitReplayed("public.item", "public.empty");
                Replay ofFour = four.awaitReplayed("public.item", "public.empty");
                ofOne.assertNoDuplicates();
                ofFour.assertNoDuplicates();
                assertThat(ofOne.snapshotRows()).isEqualTo(5_000);
                assertThat(ofFour.snapshotRows()).isEqualTo(5_000);
                assertThat(ofFour.rows(four.topic("public.item"))).isEqualTo(ofOne.rows(one.topic("public.item")));
                assertThat(database.slots())
                        .as("prefixes that differ in case only share nothing")
                        .hasSize(2)
                        .allMatch(slot -> slot.startsWith("pgseam_with_tasks_"));
                assertThat(database.queryOne("SELECT count(*)::text FROM pg_publication"))
                        .isEqualTo("2");
            }
        }
    }

    private RunningConnector small(TestDatabase database, String name, String tasks) {
        return RunningConnector.create(
                exactlyOnce, database, name, RunningConnector.smallChunks("topic.prefix", name, "tasks.max", tasks));
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void whatWasCopiedIsNotCopiedAgain(Delivery delivery) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        String name = "not_again_" + delivery.ordinal();
        try (TestDatabase database = PostgresServer.shared(18).createDatabase(name)) {
            createRows(database, 1_000);
            try (RunningConnector connector = RunningConnector.create(cluster, database, name)) {
                connector.awaitSeam();
                database.execute("UPDATE item SET note = 'before the stop' WHERE id = 1");
                connector.awaitCaughtUp();
                cluster.stop(name);
                database.execute("UPDATE item SET note = 'while stopped' WHERE id = 2");
                cluster.resume(name);
                connector.awaitCaughtUp();
                database.execute("UPDATE item SET note = 'before the restart' WHERE id = 3");
                cluster.restart(name);
                connector.awaitCaughtUp();
            }
            database.execute("UPDATE item SET note = 'while deleted' WHERE id = 4");
            try (RunningConnector again = RunningConnector.create(cluster, database, name, "max.batch.size", "100")) {
                database.execute("DELETE FROM item WHERE id = 5");
                Replay all = again.awaitReplayed("public.item");
                assertThat(all.snapshotRows()).isEqualTo(1_000);
                assertThat(all.changes()).isEqualTo(5);
                assertThat(again.control("anchor")).hasSize(1);
                assertThat(again.control("seam")).hasSize(1);
                if (delivery == Delivery.EXACTLY_ONCE) {
                    all.assertNoDuplicates();
                }
            }
        }
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void initialOnlyEndsAndLeavesNothingBehind(Delivery delivery) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        String name = "initial_only_" + delivery.ordinal();
        try (TestDatabase database = PostgresServer.shared(14).createDatabase(name)) {
            createRows(database, 1_000);
            try (RunningConnector connector =
                    RunningConnector.create(cluster, database, name, "snapshot.mode", "initial_only")) {
                connector.awaitSeam();
                Eventually.holds(
                        "the connector has ended",
                        RunningConnector.TIMEOUT,
                        () -> !connector.control("end").isEmpty());
                Eventually.holds(
                        "the slot is dropped",
                        RunningConnector.TIMEOUT,
                        () -> database.slots().isEmpty());
                Eventually.holds(
                        "no session is left",
                        RunningConnector.TIMEOUT,
                        () -> database.query(
                                        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE"
                                                + " 'pgseam%' AND state <> 'idle'")
                                .isEmpty());
                database.execute("INSERT INTO item VALUES (5000, 'not streamed')");
                cluster.restart(name);
                Eventually.holds(
                        "the connector runs again",
                        RunningConnector.TIMEOUT,
                        () -> cluster.status(name).allRunning());
                assertThat(connector.replay("public.item").snapshotRows()).isEqualTo(1_000);
                assertThat(connector.replay("public.item").changes()).isZero();
                assertThat(database.slots()).isEmpty();
            }
        }
    }

    @Test
    void noDataStreamsFromTheBeginning() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("no_data")) {
            createRows(database, 100);
            try (RunningConnector connector = RunningConnector.create(
                    exactlyOnce, database, "no_data", "snapshot.mode", "no_data", "table.check.interval.ms", "300")) {
                connector.awaitSeam();
                database.execute("UPDATE item SET note = 'seen' WHERE id <= 10");
                connector.awaitCaughtUp();
                Replay replay = connector.replay("public.item");
                assertThat(replay.snapshotRows()).isZero();
                assertThat(replay.changes()).isEqualTo(10);

                // Case 7: a table that is added is streamed from then on, too.
                database.execute(
                        "CREATE TABLE added (id int PRIMARY KEY, note text)", "INSERT INTO added VALUES (1, 'before')");
                connector.awaitSeam(2);
                database.execute("INSERT INTO added VALUES (2, 'after')", "UPDATE item SET note = 'too' WHERE id <= 5");
                connector.awaitCaughtUp();
                assertThat(connector.replay("public.item").changes()).isEqualTo(15);
                assertThat(connector.replay("public.added").snapshotRows()).isZero();
                assertThat(connector.replay("public.added").changes()).isEqualTo(1);
            }
        }
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void aCopySessionThatIsKilledIsReplacedInTheSameSnapshot(Delivery delivery) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        String name = "killed_copy_" + delivery.ordinal();
        try (TestDatabase database = PostgresServer.shared(18).createDatabase(name)) {
            createRows(database, 100_000);
            try (RunningConnector connector = RunningConnector.createSlow(cluster, database, name, SMALL_BATCHES)) {
                awaitFirstRows(cluster, connector);
                database.endSessions("copy");
                assertThat(connector.control("chunk")).as("the copy goes on").isEmpty();
                // Not in the snapshot, nor before the anchor: has to come as changes.
                database.execute(
                        "UPDATE item SET note = 'changed' WHERE id > 99000", "DELETE FROM item WHERE id = 100000");
                connector.hurry();
                JsonNode seam = connector.awaitSeam();
                assertThat(seam.path("generation").asInt()).isEqualTo(1);
                assertThat(seam.path("rows").asInt()).isEqualTo(100_000);
                assertThat(seam.path("offsets_exact").asBoolean()).isTrue();
                // The session is lost, not the task: even at least once nothing is read twice.
                Replay all = connector.awaitReplayed("public.item");
                all.assertNoDuplicates();
                assertThat(all.snapshotRows()).isEqualTo(100_000);
            }
        }
    }

    @Matrix(build = {"EXACTLY_ONCE", "AT_LEAST_ONCE"})
    void aRestartedCopyTaskGoesOnWhereTheLedgerIs(Delivery delivery) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        String name = "restarted_copy_" + delivery.ordinal();
        try (TestDatabase database = PostgresServer.shared(14).createDatabase(name)) {
            createRows(database, 100_000);
            database.execute("CREATE TABLE later (id int PRIMARY KEY)", "INSERT INTO later VALUES (1)");
            try (RunningConnector connector = RunningConnector.createHeld(cluster, database, name, SMALL_BATCHES)) {
                try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "later")) {
                    awaitFirstRows(cluster, connector);
                    cluster.restartTask(name, 0);
                    Eventually.holds(
                            "the task has begun twice",
                            RunningConnector.TIMEOUT,
                            () -> connector.control("share").size() > 1);
                    gate.open();
                }
                JsonNode seam = connector.awaitSeam();
                assertThat(seam.path("generation").asInt()).isEqualTo(1);
                assertThat(seam.path("rows").asInt()).isEqualTo(100_001);
                Replay all = connector.awaitReplayed("public.item");
                assertThat(all.snapshotRows()).isEqualTo(100_000);
                if (delivery == Delivery.EXACTLY_ONCE) {
                    all.assertNoDuplicates();
                } else {
                    assertThat(all.duplicates())
                            .as("not from the beginning again")
                            .isLessThan(90_000);
                }
            }
        }
    }

    /** Connect leaves a paused task alone, wherever it is: in the midst of a table, here. */
    @Test
    void aPausedCopyKeepsNobodyWaiting() throws Exception {
        String name = "paused_copy";
        try (TestDatabase database = PostgresServer.shared(18).createDatabase(name)) {
            createRows(database, 100_000);
            try (RunningConnector connector = RunningConnector.createSlow(exactlyOnce, database, name, SMALL_BATCHES)) {
                awaitFirstRows(exactlyOnce, connector);
                exactlyOnce.pause(name);
                assertThat(connector.control("chunk")).as("in the midst of it").isEmpty();
                // The rest of the stride is read before the lock is released.
                connector.hurry();
                database.execute(
                        "SET lock_timeout = '60s'",
                        "ALTER TABLE item RENAME CONSTRAINT item_pkey TO item_key",
                        "UPDATE item SET note = 'while paused' WHERE id > 99000",
                        "DELETE FROM item WHERE id = 100000");
                exactlyOnce.resume(name);
                JsonNode seam = connector.awaitSeam();
                assertThat(seam.path("generation").asInt())
                        .as("the snapshot was kept")
                        .isEqualTo(1);
                assertThat(seam.path("rows").asInt()).isEqualTo(100_000);
                Replay all = connector.awaitReplayed("public.item");
                all.assertNoDuplicates();
                assertThat(all.snapshotRows()).isEqualTo(100_000);
            }
        }
    }

    /**
     * The tasks commit late, so a leader that starts anew knows of nothing, while rows are in Kafka and tasks may still commit
     * chunks. What is written after the first anchor has to come all the same.
     */
    @Test
    void aRestartBeforeTheFirstCommitLosesNothing() throws Exception {
        String name = "early_restart";
        try (ConnectCluster cluster =
                        ConnectCluster.start(1, Delivery.AT_LEAST_ONCE, Map.of("offset.flush.interval.ms", "10000"));
                TestDatabase database = PostgresServer.shared(18).createDatabase(name)) {
            createRows(database, 1_000);
            try (RunningConnector connector = RunningConnector.create(cluster, database, name)) {
                Eventually.holds(
                        "every row is in Kafka",
                        RunningConnector.TIMEOUT,
                        () -> connector.replay("public.item").snapshotRows() == 1_000);
                assertThat(cluster.offsets(name)).isEmpty();
                database.execute("UPDATE item SET note = 'changed' WHERE id <= 10", "DELETE FROM item WHERE id = 11");
                cluster.connector(name).restart();
                connector.awaitSeam();
                connector.awaitReplayed("public.item");
            }
        }
    }

    private static void awaitFirstRows(ConnectCluster cluster, RunningConnector connector) {
        String topic = connector.topic("public.item");
        try (TopicReader reader = TopicReader.of(cluster.bootstrapServers(), topic)) {
            Eventually.holds(
                    "the first rows are in Kafka",
                    RunningConnector.TIMEOUT,
                    () -> !reader.readToEnd().isEmpty());
        }
    }

    private static void createRows(TestDatabase database, int rows) throws Exception {
        for (String statement : List.of(
                "CREATE TABLE item (id int PRIMARY KEY, note text)",
                "INSERT INTO item SELECT i, 'note ' || i FROM generate_series(1, " + rows + ") i")) {
            database.execute(statement);
        }
    }
}
