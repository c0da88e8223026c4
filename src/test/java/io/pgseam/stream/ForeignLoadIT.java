package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.PgSeamSourceTask;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other tables are written without pause, and captured ones are not: the slot moves on, and an interruption starts nothing over. */
class ForeignLoadIT extends DatabaseScenario {

    /** Version 14 sends transactions without a change, later ones do not. */
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void theSlotIsConfirmedWhileTheLoadGoesOn(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE captured (id int PRIMARY KEY)",
                "CREATE TABLE published (id serial PRIMARY KEY)",
                "CREATE TABLE unpublished (id serial PRIMARY KEY)",
                "CREATE PUBLICATION pgseam_" + database.name() + " FOR TABLE captured, published");
        String lsn = database.queryOne("SELECT lsn::text FROM pg_create_logical_replication_slot('pgseam_"
                + database.name() + "', 'pgoutput')");
        CommittedOffsets committed = CommittedOffsets.ofStream(database, lsn, 1, 1);
        try (Load load = Load.begin(database)) {
            Lsn reached = new Lsn(Lsn.parse(lsn).value() + (1 << 20));
            streamUntilConfirmed(database, lsn, committed, reached, load);
            Lsn confirmed = database.confirmed();
            PgSeamSourceTask next = task(database, lsn, committed);
            try {
                Eventually.holds("the next task reads the slot", () -> {
                    commit(next, committed);
                    return !database.query("SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = 'pgseam_"
                                    + database.name() + "'")
                            .isEmpty();
                });
                assertThat(database.confirmed()).isGreaterThanOrEqualTo(confirmed);
            } finally {
                next.stop();
            }
            streamUntilConfirmed(database, lsn, committed, new Lsn(confirmed.value() + (1 << 20)), load);
        }
    }

    private static void streamUntilConfirmed(
            TestDatabase database, String lsn, CommittedOffsets committed, Lsn goal, Load load) throws Exception {
        PgSeamSourceTask task = task(database, lsn, committed);
        try {
            Eventually.holds("the slot is confirmed up to " + goal, () -> {
                load.assertGoesOn();
                commit(task, committed);
                return !database.confirmed().isBefore(goal);
            });
        } finally {
            task.stop();
        }
    }

    /** What Connect does with a batch. */
    private static void commit(PgSeamSourceTask task, CommittedOffsets committed) throws InterruptedException {
        List<SourceRecord> records = task.poll();
        if (records != null) {
            records.forEach(committed::commit);
            task.commit();
        }
    }

    private static PgSeamSourceTask task(TestDatabase database, String lsn, CommittedOffsets offsets) {
        Map<String, String> configuration = ConnectorSettings.streamTask(database, lsn);
        configuration.put("table.include.list", "public.captured");
        configuration.put("heartbeat.interval.ms", "200");
        PgSeamSourceTask task = new PgSeamSourceTask();
        task.initialize(offsets);
        task.start(configuration);
        return task;
    }

    /** Short transactions one after the other, in tables that are not captured. */
    private static final class Load implements AutoCloseable {
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final CompletableFuture<Void> writing;

        private Load(TestDatabase database) {
            this.writing = CompletableFuture.runAsync(() -> write(database));
        }

        static Load begin(TestDatabase database) {
            return new Load(database);
        }

        private void write(TestDatabase database) {
            try (Connection session = database.connect();
                    Statement statement = session.createStatement()) {
                statement.execute("SET synchronous_commit = off");
                while (!stopped.get()) {
                    statement.execute("DO $$ BEGIN FOR i IN 1..500 LOOP INSERT INTO published DEFAULT VALUES; COMMIT;"
                            + " INSERT INTO unpublished DEFAULT VALUES; COMMIT; END LOOP; END $$");
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        void assertGoesOn() {
            assertThat(writing).isNotDone();
        }

        @Override
        public void close() throws Exception {
            stopped.set(true);
            writing.get(30, TimeUnit.SECONDS);
        }
    }
}
