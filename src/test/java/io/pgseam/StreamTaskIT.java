package io.pgseam;

import static io.pgseam.testing.Stopwatch.timeOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stream task alone, with a Connect that can be made to wait. */
class StreamTaskIT extends DatabaseScenario {

    private static final int ROWS = 20_000;

    /** Longer than the reader of the slot waits for room between two signs of life. */
    private static final Duration SLOW = Duration.ofSeconds(3);

    private static final int MOST_POLLS = 50;
    private static final int TABLES = 120;
    private static final Duration LONGEST_POLL = Duration.ofSeconds(2);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    @Test
    void aSessionThatIsLostWhileConnectIsSlowLosesNoRow() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY)", "CREATE PUBLICATION pgseam_" + database.name() + " FOR TABLE t");
        String lsn = createSlot(database);
        database.execute("INSERT INTO t SELECT generate_series(1, " + ROWS + ")");
        PgSeamSourceTask task = new PgSeamSourceTask();
        try {
            task.initialize(CommittedOffsets.ofStream(database, lsn, 1, 1));
            task.start(configuration(database, lsn));
            List<String> keys = new ArrayList<>();
            while (keys.isEmpty()) {
                addKeys(task, keys);
            }
            database.endSlotReaders();
            long end = System.nanoTime() + SLOW.toNanos();
            Eventually.holds("Connect has taken its time", SLOW.plusSeconds(1), () -> System.nanoTime() > end);
            Eventually.holds("every row is there", () -> {
                for (int poll = 0; poll < 100 && keys.size() < ROWS; poll++) {
                    addKeys(task, keys);
                }
                return keys.size() >= ROWS;
            });
            assertThat(keys).hasSize(ROWS).doesNotHaveDuplicates();
        } finally {
            task.stop();
        }
    }

    @Test
    void aCatchUpThatHasLostItsSnapshotWaitsForANewerAnchor() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, n int, large text)",
                "ALTER TABLE t ALTER large SET STORAGE EXTERNAL",
                "INSERT INTO t VALUES (1, 1, repeat('large', 2000))",
                "CREATE PUBLICATION pgseam_" + database.name() + " FOR TABLE t");
        String lsn = createSlot(database);
        database.execute("UPDATE t SET n = 2");
        String anchor = database.now().toString();
        Map<String, String> configuration = configuration(database, anchor);
        configuration.put("pgseam.task.role", "catch_up");
        configuration.put("pgseam.task.generation", "2");
        configuration.put("pgseam.task.snapshot", "00000007-0000004B-1");
        configuration.put("pgseam.task.view", "what nobody sees");
        configuration.put("pgseam.task.opened.ms", "0");
        PgSeamSourceTask task = new PgSeamSourceTask();
        try {
            task.initialize(CommittedOffsets.ofStream(database, lsn, 1, 0));
            task.start(configuration);
            long end = System.nanoTime() + SLOW.toNanos();
            List<String> keys = new ArrayList<>();
            while (System.nanoTime() < end) {
                // The large value is not to be read anywhere else; and the task does not fail (invariant I8).
                addKeys(task, keys);
                assertThat(keys).isEmpty();
            }
        } finally {
            task.stop();
        }
    }

    /** Connect cannot stop a task that does not return from a poll, and waits 5 s for one that it stops. */
    @Test
    void aLookupBehindALockHoldsUpNeitherPollNorStop() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, n int, large text)",
                "ALTER TABLE t ALTER large SET STORAGE EXTERNAL",
                "INSERT INTO t VALUES (1, 1, repeat('large', 2000))",
                "CREATE PUBLICATION pgseam_" + database.name() + " FOR TABLE t");
        String lsn = createSlot(database);
        database.execute("UPDATE t SET n = 2");
        PgSeamSourceTask task = new PgSeamSourceTask();
        task.initialize(CommittedOffsets.ofStream(database, lsn, 1, 1));
        try (TableGate lock = TableGate.close(database, "t")) {
            task.start(configuration(database, lsn));
            List<String> keys = new ArrayList<>();
            Eventually.holds("the lookup waits for the lock", () -> {
                assertThat(timeOf(() -> addKeys(task, keys))).isLessThan(LONGEST_POLL);
                return !database.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 't'::regclass"
                                + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                        .isEmpty();
            });
            for (int poll = 0; poll < 3; poll++) {
                assertThat(timeOf(() -> addKeys(task, keys))).isLessThan(LONGEST_POLL);
            }
            assertThat(keys).isEmpty();
            assertThat(timeOf(task::stop)).isLessThan(LONGEST_STOP);
            lock.open();
        } finally {
            task.stop();
        }
    }

    /**
     * Connect starts such a task again with the same configuration at any time. By then an anchor may have been opened at which the tables are copied:
     * the slot has to keep what follows it.
     */
    @Test
    void aTaskThatPassesOverTablesLeavesTheSlotWhereItIs() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY)",
                "CREATE TABLE added (id int PRIMARY KEY)",
                "CREATE PUBLICATION pgseam_" + database.name() + " FOR TABLE t, added");
        String anchor = createSlot(database);
        database.execute("INSERT INTO added VALUES (1)", "INSERT INTO t VALUES (1)");
        String committed = database.now().toString();
        Map<String, String> configuration = configuration(database, anchor);
        configuration.put("pgseam.task.passed.over", database.queryOne("SELECT 'added'::regclass::oid::text"));
        CommittedOffsets offsets = CommittedOffsets.ofStream(database, committed, 1, 1);
        PgSeamSourceTask task = new PgSeamSourceTask();
        try {
            task.initialize(offsets);
            task.start(configuration);
            for (int id = 2; id < 5; id++) {
                database.execute("INSERT INTO t VALUES (" + id + ")");
                List<String> keys = new ArrayList<>();
                Eventually.holds("the change is read", () -> {
                    for (SourceRecord record : polled(task)) {
                        keys.add(record.topic());
                        offsets.commit(record);
                    }
                    task.commit();
                    return keys.stream().anyMatch(topic -> topic.endsWith(".t"));
                });
            }
            assertThat(database.queryOne(
                            "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = 'pgseam_"
                                    + database.name() + "'"))
                    .isEqualTo(anchor);
        } finally {
            task.stop();
        }
    }

    private static List<SourceRecord> polled(PgSeamSourceTask task) throws InterruptedException {
        List<SourceRecord> records = task.poll();
        return records == null ? List.of() : records;
    }

    /** Connect creates the topics of a batch while its Kafka transaction is open, which expires after {@code transaction.timeout.ms}. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "100kB"})
    void aTransactionOnManyTablesIsCutBetweenNewTopics(String pack) throws Exception {
        TestDatabase database = database(18);
        String eachTable = "DO $$ BEGIN FOR i IN 1.." + TABLES + " LOOP EXECUTE format('%s', i); END LOOP; END $$";
        database.execute(
                eachTable.formatted("CREATE TABLE t%s (id int PRIMARY KEY)"),
                "CREATE PUBLICATION pgseam_" + database.name() + " FOR ALL TABLES");
        String lsn = createSlot(database);
        database.execute(eachTable.formatted("INSERT INTO t%s VALUES (1)"));
        Map<String, String> configuration = ConnectorSettings.streamTask(database, lsn);
        configuration.put("flat.pack.bytes", pack);
        CommittedOffsets committed = CommittedOffsets.ofStream(database, lsn, 1, 1);
        List<String> topics = new ArrayList<>();
        Eventually.holds("every row is there", () -> {
            // Each batch comes from a task of its own, which begins in the middle of the transaction.
            Set<String> batch = topicsOfBatch(configuration, committed, topics);
            assertThat(batch).hasSizeLessThanOrEqualTo(50);
            return topics.size() >= TABLES;
        });
        assertThat(topics)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, TABLES)
                        .mapToObj(table -> database.name() + ".public.t" + table)
                        .toList());
    }

    private static Set<String> topicsOfBatch(
            Map<String, String> configuration, CommittedOffsets committed, List<String> topics)
            throws InterruptedException {
        Set<String> batch = new HashSet<>();
        PgSeamSourceTask task = new PgSeamSourceTask();
        task.initialize(committed);
        task.start(configuration);
        try {
            for (int poll = 0; poll < MOST_POLLS && batch.isEmpty(); poll++) {
                List<SourceRecord> records = task.poll();
                for (SourceRecord record : records == null ? List.<SourceRecord>of() : records) {
                    committed.commit(record);
                    if (record.topic().contains(".public.")) {
                        batch.add(record.topic());
                        topics.add(record.topic());
                    }
                }
            }
        } finally {
            task.stop();
        }
        return batch;
    }

    private static String createSlot(TestDatabase database) throws SQLException {
        return database.queryOne("SELECT lsn::text FROM pg_create_logical_replication_slot('pgseam_" + database.name()
                + "', 'pgoutput')");
    }

    private static void addKeys(PgSeamSourceTask task, List<String> keys) throws InterruptedException {
        List<SourceRecord> records = task.poll();
        if (records != null) {
            for (SourceRecord record : records) {
                if (record.topic().endsWith(".t")) {
                    keys.add(new String((byte[]) record.key(), StandardCharsets.UTF_8));
                }
            }
        }
    }

    private static Map<String, String> configuration(TestDatabase database, String lsn) {
        Map<String, String> configuration = ConnectorSettings.streamTask(database, lsn);
        configuration.put("max.queue.size.in.bytes", "64kB");
        configuration.put("max.batch.size", "100");
        return configuration;
    }
}
