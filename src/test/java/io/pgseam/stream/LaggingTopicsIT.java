package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.PgSeamSourceTask;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.StreamPosition.Place;
import io.pgseam.phase.TopicGroup;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A stream task after the copy of an added table: the topic of that table lags behind, and the others do not wait for it. */
class LaggingTopicsIT extends DatabaseScenario {

    private static final int BEFORE = 3_000;
    private static final int MOST_BATCHES = 20;
    private static final long WRITER_PAUSE_NANOS = 2_000_000;

    private TestDatabase database;
    private TcpProxy road;
    private CommittedOffsets committed;

    /** The ids of the rows in each topic, as far as the records are committed. */
    private final List<Integer> live = new ArrayList<>();

    private final List<Integer> added = new ArrayList<>();
    private @Nullable StreamPosition position;

    /** Each row has a number, and is in both tables: the live topic has those up to {@link #BEFORE}, the other one has none. */
    private void begin(PostgresServer server) throws Exception {
        database = database(
                server,
                "CREATE TABLE live (id int PRIMARY KEY, note text)",
                "CREATE TABLE added (id int PRIMARY KEY, note text)");
        database.execute("CREATE PUBLICATION pgseam_" + database.name() + " FOR TABLE live, added");
        Lsn anchor = Lsn.parse(database.queryOne("SELECT lsn::text FROM pg_create_logical_replication_slot('pgseam_"
                + database.name() + "', 'pgoutput')"));
        write(database, 1, BEFORE);
        StreamPosition split = StreamPosition.before(anchor, 2, 2)
                .split()
                .at(TopicGroup.LIVE, new Place(ChangeId.startOf(database.now()), 0));
        committed = new CommittedOffsets();
        committed.commit(StreamPosition.sourcePartition(database.name()), split.toSourceOffset());
        road = closing(TcpProxy.start(server));
    }

    /** A row in both tables by each transaction. The tables are altered in between, and one transaction is larger than a batch. */
    private static void write(TestDatabase database, int first, int last) throws SQLException {
        int half = (first + last) / 2;
        insertOneByOne(database, first, first + 500);
        database.execute("ALTER TABLE added ADD COLUMN more int");
        insert(database, first + 501, half);
        database.execute("ALTER TABLE added DROP COLUMN more", "ALTER TABLE live ADD COLUMN other int");
        insertOneByOne(database, half + 1, last);
    }

    private static void insertOneByOne(TestDatabase database, int first, int last) throws SQLException {
        database.execute("DO $$ BEGIN FOR i IN " + first + ".." + last + " LOOP " + inserts("i", "i")
                + " COMMIT; END LOOP; END $$");
    }

    private static void insert(TestDatabase database, int first, int last) throws SQLException {
        database.execute("DO $$ BEGIN FOR i IN " + first + ".." + last + " BY 20 LOOP "
                + inserts("i", "least(i + 19, " + last + ")") + " END LOOP; END $$");
    }

    private static String inserts(String first, String last) {
        String rows = " SELECT n, repeat(n::text, 100) FROM generate_series(" + first + ", " + last + ") n; ";
        return "INSERT INTO live (id, note)" + rows + "INSERT INTO added (id, note)" + rows;
    }

    private PgSeamSourceTask task() {
        Map<String, String> configuration = ConnectorSettings.streamTask(database, "0/1");
        configuration.put("database.hostname", road.host());
        configuration.put("database.port", String.valueOf(road.port()));
        configuration.put("pgseam.task.generation", "2");
        Set<String> liveTopics = Set.of(database.name() + ".public.live");
        configuration.put("pgseam.task.plan", CopyPlanCodec.encode(new CopyPlan(List.of(), Map.of(2, liveTopics))));
        configuration.put("max.queue.size.in.bytes", "100kB");
        configuration.put("max.batch.size", "200");
        PgSeamSourceTask task = new PgSeamSourceTask();
        task.initialize(committed);
        task.start(configuration);
        return task;
    }

    /** Takes some of what is there. Heartbeats come without end, and so may changes. */
    private void commitSome(PgSeamSourceTask task) throws Exception {
        int before = -1;
        for (int batch = 0; batch < MOST_BATCHES && live.size() + added.size() > before; batch++) {
            before = live.size() + added.size();
            List<SourceRecord> records = task.poll();
            if (records != null) {
                commit(task, records);
            }
        }
    }

    /** What an exactly-once worker does with a batch: its records and its offsets are there together. */
    private void commit(PgSeamSourceTask task, List<SourceRecord> records) throws Exception {
        for (SourceRecord record : records) {
            committed.commit(record);
            if (record.topic().endsWith(".live")) {
                live.add(id(record));
            } else if (record.topic().endsWith(".added")) {
                added.add(id(record));
            }
            if (record.sourcePartition().equals(StreamPosition.sourcePartition(database.name()))) {
                StreamPosition next = StreamPosition.fromSourceOffset(record.sourceOffset());
                assertThat(next).isNotNull();
                assertThat(position == null || isReached(position, next))
                        .as("from " + position + " to " + next)
                        .isTrue();
                position = next;
            }
        }
        task.commit();
    }

    private static boolean isReached(StreamPosition before, StreamPosition after) {
        return before.place(TopicGroup.LIVE)
                                .last()
                                .compareTo(after.place(TopicGroup.LIVE).last())
                        <= 0
                && before.place(TopicGroup.LAGGING)
                                .last()
                                .compareTo(after.place(TopicGroup.LAGGING).last())
                        <= 0;
    }

    private static int id(SourceRecord record) throws IOException {
        return ExactJson.READER.readTree((byte[]) record.value()).path("id").asInt();
    }

    private void await(PgSeamSourceTask task, String what, Eventually.Condition condition) {
        Eventually.holds(
                what,
                () -> {
                    commitSome(task);
                    return condition.holds();
                },
                () -> "live " + live.size() + ", added " + added.size() + ", at " + position);
    }

    private boolean areTogether() {
        return position != null && !position.isSplit();
    }

    private void assertExact(int last) {
        assertThat(live).as("live").containsExactlyElementsOf(numbers(BEFORE + 1, last));
        assertThat(added).as("added").containsExactlyElementsOf(numbers(1, last));
    }

    private static List<Integer> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).boxed().toList();
    }

    @Matrix(build = "18", nightly = "14")
    void theOthersKeepStreamingWhileOneCatchesUp(int version) throws Exception {
        begin(PostgresServer.shared(version));
        road.hold("lagging", 0);
        PgSeamSourceTask task = task();
        Writer writer = new Writer(database);
        try {
            await(task, "live changes arrive", () -> live.size() > 100);
            assertThat(added).as("nothing has caught up yet").isEmpty();
            road.release();
            await(task, "all topics are at one place", this::areTogether);
            int last = writer.stop();
            await(task, "everything arrives", () -> live.size() + added.size() >= 2 * last - BEFORE);
            assertExact(last);
            await(task, "nothing is left behind", () -> database.slots().size() == 1);
            Lsn now = database.now();
            await(task, "the slot is confirmed", () -> !database.confirmed().isBefore(now));
        } finally {
            writer.stop();
            task.stop();
        }
        assertExact(live.get(live.size() - 1));
    }

    @Test
    void aTaskThatEndsMeanwhileContinuesWhereBothWere() throws Exception {
        begin(PostgresServer.shared(18));
        Writer writer = new Writer(database);
        try {
            // Each task gets further than the one before, even if all of them are in the same transaction.
            for (int bytes = 300_000; !areTogether(); bytes += 500_000) {
                int before = added.size();
                int liveBefore = live.size();
                road.hold("lagging", bytes);
                PgSeamSourceTask task = task();
                await(
                        task,
                        "both have moved",
                        () -> areTogether() || (added.size() > before && live.size() > liveBefore));
                // What it has in hand is lost with it.
                task.poll();
                task.stop();
                road.release();
            }
            PgSeamSourceTask task = task();
            try {
                int last = writer.stop();
                await(task, "everything arrives", () -> live.size() + added.size() >= 2 * last - BEFORE);
                assertExact(last);
            } finally {
                task.stop();
            }
        } finally {
            writer.stop();
        }
    }

    @Test
    void lostSessionsLoseNothing() throws Exception {
        begin(PostgresServer.shared(17));
        road.hold("lagging", 300_000);
        PgSeamSourceTask task = task();
        Writer writer = new Writer(database);
        try {
            await(task, "a part has caught up", () -> added.size() > 100);
            int before = live.size();
            // Both at once, then each alone.
            database.endSlotReaders();
            await(task, "live changes arrive", () -> live.size() > before + 100);
            int part = added.size();
            road.hold("lagging", 800_000);
            database.endSessions("lagging");
            await(task, "the second session reads again", () -> added.size() > part || areTogether());
            database.endSessions("stream");
            road.release();
            await(task, "all topics are at one place", this::areTogether);
            database.endSessions("stream");
            int last = writer.stop();
            await(task, "everything arrives", () -> live.size() + added.size() >= 2 * last - BEFORE);
            assertExact(last);
        } finally {
            writer.stop();
            task.stop();
        }
    }

    @Test
    void theOthersWaitIfTheServerHasNoRoomForAnotherSlot() throws Exception {
        begin(closing(PostgresServer.start(18, Map.of("max_replication_slots", "1"))));
        LogFile log = LogFile.fromNow();
        PgSeamSourceTask task = task();
        Writer writer = new Writer(database);
        try {
            await(task, "all topics are at one place", this::areTogether);
            int last = writer.stop();
            await(task, "everything arrives", () -> live.size() + added.size() >= 2 * last - BEFORE);
            assertExact(last);
            assertThat(log.lines("LaggingCatchUp"))
                    .anySatisfy(line -> assertThat(line)
                            .contains("All topics wait", "raise max_replication_slots and max_wal_senders"));
        } finally {
            writer.stop();
            task.stop();
        }
    }

    /** A row in both tables by each transaction. */
    private static final class Writer {
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final CompletableFuture<Integer> writing;

        private Writer(TestDatabase database) {
            this.writing = CompletableFuture.supplyAsync(() -> write(database));
        }

        private int write(TestDatabase database) {
            int last = BEFORE;
            try (Connection session = database.connect();
                    Statement statement = session.createStatement()) {
                while (!stopped.get()) {
                    last++;
                    statement.execute("BEGIN; " + inserts(String.valueOf(last), String.valueOf(last)) + "COMMIT");
                    // Less than the task can take.
                    LockSupport.parkNanos(WRITER_PAUSE_NANOS);
                }
                return last;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Gives the last number. */
        int stop() throws Exception {
            stopped.set(true);
            return writing.get(30, TimeUnit.SECONDS);
        }
    }
}
