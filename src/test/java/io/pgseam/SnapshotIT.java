package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Test;

/** What is copied, how often, and what happens to a copy that is disturbed. */
class SnapshotIT extends ConnectorScenario {

    /** Each of them is committed by itself, so that rows can be seen long before their chunk is done. */
    private static final String[] SMALL_BATCHES = {"max.batch.size=100", "tasks.max=1"};

    /** So many rows that a copy on a slow road takes longer than a test. */
    private static final int MANY = 40_000;

    @Test
    void oneTaskAndFourTasksGiveTheSameRowsToTwoConnectorsOnOneDatabase() throws Exception {
        TestDatabase database = database(14, 5_000);
        database.execute("CREATE TABLE empty (id int PRIMARY KEY)");
        RunningConnector one = another(database, "with.tasks", RunningConnector.smallChunks("tasks.max=1"));
        RunningConnector four = another(database, "With.Tasks", RunningConnector.smallChunks("tasks.max=4"));
        one.awaitSeam();
        four.awaitSeam();
        assertThat(one.control("anchor").get(0).path("tasks").asInt()).isEqualTo(1);
        assertThat(four.control("anchor").get(0).path("tasks").asInt()).isEqualTo(4);
        assertThat(rowsOfDoneTables(one)).isEqualTo(Map.of("item", 5_000L, "empty", 0L));
        assertThat(rowsOfDoneTables(four)).isEqualTo(Map.of("item", 5_000L, "empty", 0L));
        database.execute("UPDATE item SET note = 'changed' WHERE id % 100 = 0", "INSERT INTO empty VALUES (1)");
        Replay ofOne = one.awaitReplayed("public.item", "public.empty");
        Replay ofFour = four.awaitReplayed("public.item", "public.empty");
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

    /** What the control topic says before the seam of tables that are copied: how many rows each has. */
    private static Map<String, Long> rowsOfDoneTables(RunningConnector connector) {
        Map<String, Long> rows = new HashMap<>();
        connector
                .control("table_done")
                .forEach(done ->
                        rows.put(done.path("table").asText(), done.path("rows").asLong()));
        return rows;
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void whatWasCopiedIsNotCopiedAgain(Delivery delivery) throws Exception {
        TestDatabase database = database(18, 1_000);
        RunningConnector connector = connector(cluster(delivery), database, RunningConnector.smallChunks());
        connector.awaitSeam();
        Eventually.holds(
                "the ledger has an entry of the table, and none of its chunks",
                RunningConnector.TIMEOUT,
                () -> cluster(delivery).offsets(connector.name()).keySet().stream()
                                .noneMatch(partition -> partition.has("chunk"))
                        && cluster(delivery).offsets(connector.name()).keySet().stream()
                                .anyMatch(partition -> partition.has("copied_table")));
        database.execute("UPDATE item SET note = 'before the stop' WHERE id = 1");
        connector.awaitCaughtUp();
        connector.stop();
        database.execute("UPDATE item SET note = 'while stopped' WHERE id = 2");
        connector.resume();
        connector.awaitCaughtUp();
        database.execute("UPDATE item SET note = 'before the restart' WHERE id = 3");
        connector.restart();
        connector.awaitCaughtUp();
        connector.close();
        database.execute("UPDATE item SET note = 'while deleted' WHERE id = 4");
        RunningConnector again = connector(cluster(delivery), database, "max.batch.size=100");
        database.execute("DELETE FROM item WHERE id = 5");
        Replay all = again.awaitReplayed("public.item");
        assertThat(all.snapshotRows()).isEqualTo(1_000);
        assertThat(all.changes()).isEqualTo(5);
        assertThat(again.control("anchor")).hasSize(1);
        assertThat(again.control("seam")).hasSize(1);
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void initialOnlyEndsAndLeavesNothingBehind(Delivery delivery) throws Exception {
        TestDatabase database = database(14, 1_000);
        RunningConnector connector = connector(cluster(delivery), database, "snapshot.mode=initial_only");
        assertThat(connector.awaitSeam().path("generation").asInt()).isEqualTo(1);
        Eventually.holds(
                "the connector has ended", () -> connector.control("end").size() == 1);
        Eventually.holds("the slot is dropped", () -> database.slots().isEmpty());
        Eventually.holds(
                "no session is left",
                () -> database.query(
                                "SELECT 1 FROM pg_stat_activity"
                                        + " WHERE datname = current_database() AND application_name LIKE 'pgseam%' AND state <> 'idle'")
                        .isEmpty());
        database.execute("INSERT INTO item VALUES (5000, 'not streamed')");
        connector.restart();
        Eventually.holds("the connector runs again", () -> connector.status().allRunning());
        Replay replay = connector.replay("public.item");
        assertThat(replay.snapshotRows()).isEqualTo(1_000);
        assertThat(replay.changes()).isZero();
        assertThat(connector.control("anchor")).hasSize(1);
        assertThat(database.slots()).isEmpty();
    }

    @Test
    void noDataStreamsFromTheBeginning() throws Exception {
        TestDatabase database = database(18, 100);
        RunningConnector connector = connector(database, "snapshot.mode=no_data", "table.check.interval.ms=300");
        connector.awaitSeam();
        database.execute("UPDATE item SET note = 'seen' WHERE id <= 10");
        connector.awaitCaughtUp();
        Replay replay = connector.replay("public.item");
        assertThat(replay.snapshotRows()).isZero();
        assertThat(replay.changes()).isEqualTo(10);

        assertThat(connector.awaitSeam().path("rows").asLong(-1)).isZero();
        assertThat(connector.control("table_done")).isEmpty();

        // Case 7: a table that is added is streamed from then on, too.
        database.execute(
                "CREATE TABLE added (id int PRIMARY KEY, note text)", "INSERT INTO added VALUES (1, 'before')");
        connector.awaitSeam(2);
        database.execute("INSERT INTO added VALUES (2, 'after')", "UPDATE item SET note = 'too' WHERE id <= 5");
        connector.awaitCaughtUp();
        assertThat(connector.replay("public.item").changes()).isEqualTo(15);
        Replay added = connector.replay("public.added");
        assertThat(added.snapshotRows()).isZero();
        assertThat(added.changes()).isEqualTo(1);

        // Case 8: what is missing because nobody published it is said, though nothing is copied for it.
        cluster.stop(connector.name());
        String alter =
                database.queryOne("SELECT format('ALTER PUBLICATION %I SET (publish = ', pubname) FROM pg_publication");
        database.execute(
                alter + "'insert')",
                "UPDATE added SET note = 'missing'",
                alter + "'insert, update, delete, truncate')");
        cluster.resume(connector.name());
        connector.awaitSeam(3);
        assertThat(connector.control("republished"))
                .hasSize(2)
                .allMatch(record -> !record.path("copied").asBoolean());
        database.execute("UPDATE added SET note = 'seen' WHERE id = 2");
        connector.awaitCaughtUp();
        assertThat(connector.replay("public.added").changes()).isEqualTo(2);
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void aCopySessionThatIsKilledIsReplacedInTheSameSnapshot(Delivery delivery) throws Exception {
        TestDatabase database = database(18, MANY);
        RunningConnector connector = slowConnector(cluster(delivery), database, SMALL_BATCHES);
        awaitMoreRowsThan(0, connector);
        database.endSessions("copy");
        assertThat(connector.control("chunk")).as("the copy goes on").isEmpty();
        // Not in the snapshot, nor before the anchor: has to come as changes.
        database.execute("UPDATE item SET note = 'changed' WHERE id > 39000", "DELETE FROM item WHERE id = 40000");
        connector.hurry();
        assertThat(awaitWholeCopy(connector).path("offsets_exact").asBoolean()).isTrue();
    }

    /** Connect leaves a paused task alone, wherever it is: in the middle of a table, here. */
    @Test
    void aPausedCopyKeepsNobodyWaiting() throws Exception {
        TestDatabase database = database(18, MANY);
        RunningConnector connector = slowConnector(database, SMALL_BATCHES);
        awaitMoreRowsThan(0, connector);
        connector.pause();
        assertThat(connector.control("chunk")).as("in the middle of it").isEmpty();
        awaitNoTransaction(connector);
        // The rest of the stride is read before the lock is released.
        connector.hurry();
        database.execute(
                "SET lock_timeout = '60s'",
                "ALTER TABLE item RENAME CONSTRAINT item_pkey TO item_key",
                "UPDATE item SET note = 'while paused' WHERE id > 39000",
                "DELETE FROM item WHERE id = 40000");
        connector.resume();
        awaitWholeCopy(connector);
    }

    /** A transaction that is open while the connector is paused would expire, and fail the task (invariant I15). */
    private static void awaitNoTransaction(RunningConnector connector) {
        ListTransactionsOptions open = new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING));
        Eventually.holds(
                "no transaction of the connector is open",
                () -> connector.cluster().admin().listTransactions(open).all().get().stream()
                        .noneMatch(transaction -> transaction.transactionalId().contains(connector.name())));
    }

    /** The snapshot was kept, and no task ended: even at least once nothing is read twice. */
    private static JsonNode awaitWholeCopy(RunningConnector connector) throws SQLException {
        JsonNode seam = connector.awaitSeam();
        assertThat(seam.path("generation").asInt()).isEqualTo(1);
        assertThat(seam.path("rows").asInt()).isEqualTo(MANY);
        Replay all = connector.awaitReplayed("public.item");
        all.assertNoDuplicates();
        assertThat(all.snapshotRows()).isEqualTo(MANY);
        return seam;
    }

    @Matrix(build = "AT_LEAST_ONCE", nightly = "EXACTLY_ONCE")
    void aRestartedCopyTaskGoesOnWhereTheLedgerIs(Delivery delivery) throws Exception {
        TestDatabase database = database(14, MANY);
        database.execute("CREATE TABLE later (id int PRIMARY KEY)", "INSERT INTO later VALUES (1)");
        RunningConnector connector = heldConnector(cluster(delivery), database, SMALL_BATCHES);
        try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "later")) {
            awaitMoreRowsThan(0, connector);
            connector.restartTask(0);
            Eventually.holds(
                    "the task has begun twice", () -> connector.control("share").size() > 1);
            gate.open();
        }
        JsonNode seam = connector.awaitSeam();
        assertThat(seam.path("generation").asInt()).isEqualTo(1);
        assertThat(seam.path("rows").asInt()).isEqualTo(MANY + 1);
        Replay all = connector.awaitReplayed("public.item");
        assertThat(all.snapshotRows()).isEqualTo(MANY);
        assertThat(all.duplicates()).as("not from the beginning again").isLessThan(MANY * 9 / 10);
    }

    /**
     * A leader that starts anew knows of nothing, while rows are in Kafka and tasks may still commit chunks. What is written after the first
     * anchor has to come all the same.
     */
    @Test
    void aRestartBeforeTheFirstCommitLosesNothing() throws Exception {
        ConnectCluster atLeastOnce = cluster(Delivery.AT_LEAST_ONCE);
        TestDatabase database = database(18, 1_000);
        atLeastOnce.setCommitting(false);
        try {
            RunningConnector connector = connector(atLeastOnce, database);
            awaitMoreRowsThan(999, connector);
            assertThat(connector.client().offsets()).isEmpty();
            database.execute("UPDATE item SET note = 'changed' WHERE id <= 10", "DELETE FROM item WHERE id = 11");
            connector.client().restart();
            atLeastOnce.setCommitting(true);
            connector.awaitSeam();
            connector.awaitReplayed("public.item");
        } finally {
            atLeastOnce.setCommitting(true);
        }
    }

    /** Waits until there are more records of rows in Kafka, and says how many there are. */
    private static int awaitMoreRowsThan(int before, RunningConnector connector) {
        int[] records = {0};
        try (TopicReader reader =
                TopicReader.of(connector.cluster().bootstrapServers(), connector.topic("public.item"))) {
            Eventually.holds("more than " + before + " rows are in Kafka", () -> {
                records[0] += reader.readToEnd().size();
                return records[0] > before;
            });
        }
        return records[0];
    }

    private TestDatabase database(int version, int rows) throws Exception {
        return database(
                version,
                "CREATE TABLE item (id int PRIMARY KEY, note text)",
                "INSERT INTO item SELECT i, 'note ' || i || repeat('.', 30) FROM generate_series(1, " + rows + ") i");
    }
}
