package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** What the stream does when it is stopped, cut off or started again: nothing is lost, and exactly once nothing doubled. */
class StreamRestartIT extends ConnectorScenario {

    private static final String ASKING = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database()"
            + " AND application_name LIKE '% toast'";

    /**
     * The stream stops in the middle of the transaction: there it has to look a large value up, and the transaction's commit,
     * though in the WAL, waits for a standby that does not exist and so is not visible yet.
     */
    @Matrix(build = {"EXACTLY_ONCE", "AT_LEAST_ONCE"})
    void aTransactionWrittenByCopyGoesOnWhereItWasCut(Delivery delivery) throws Exception {
        PostgresServer server = closing(
                PostgresServer.start(18, Map.of("synchronous_standby_names", "nobody", "synchronous_commit", "local")));
        TestDatabase database = database(server);
        database.execute(
                "CREATE TABLE loaded (id int PRIMARY KEY, note text)",
                "CREATE TABLE large (id int PRIMARY KEY, body text, note text)",
                "ALTER TABLE large ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO large VALUES (1, repeat(md5('1'), 200), 'first')");
        RunningConnector connector = connector(cluster(delivery), database, "max.batch.size=50");
        Connection writer = closing(database.connect());
        connector.awaitSeam();
        connector.awaitCaughtUp();
        CompletableFuture<Void> commit = commitUnseen(writer);
        Eventually.holds(
                "half of the transaction is committed to Kafka",
                () -> connector.sequence() == 4 * 500,
                () -> connector.client().offsets() + "\n" + connector.status());
        assertThat(connector.replay("public.loaded").changes()).isEqualTo(500);
        String asking = database.queryOne(ASKING);
        connector.restartTask(0);
        Eventually.holds(
                "the restarted task is where the one before was",
                () -> !database.query(ASKING + " AND pid <> " + asking).isEmpty());
        assertThat(connector.replay("public.loaded").changes()).isEqualTo(500);
        database.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        commit.get(90, TimeUnit.SECONDS);

        Replay all = connector.awaitReplayed("public.loaded", "public.large");
        assertThat(all.changes()).isEqualTo(1_002);
    }

    /** Two loads of 500 rows each, whose rows share positions in the WAL, and between them a row with a large value moves. */
    private static CompletableFuture<Void> commitUnseen(Connection writer) throws Exception {
        try (Statement statement = writer.createStatement()) {
            statement.execute("SET synchronous_commit = on");
            writer.setAutoCommit(false);
            load(writer, 1, 500);
            statement.execute("UPDATE large SET id = 2, note = 'moved'");
            load(writer, 501, 1_000);
        }
        return later(writer, "COMMIT");
    }

    private static void load(Connection connection, int first, int last) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int id = first; id <= last; id++) {
            text.append(id).append("\tnote ").append(id).append('\n');
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY loaded FROM STDIN", new StringReader(text.toString()));
    }

    @Matrix(
            build = {"EXACTLY_ONCE, true", "AT_LEAST_ONCE, false"},
            nightly = {"EXACTLY_ONCE, false", "AT_LEAST_ONCE, true"})
    void restartsAndLostSessionsLoseNothingAndConfirmNothingTooEarly(Delivery delivery, boolean packed)
            throws Exception {
        TestDatabase database = database(14);
        RandomWriter.createTables(database);
        RunningConnector connector = connector(
                cluster(delivery),
                database,
                "max.batch.size=100",
                "transaction.boundary=connector",
                packed ? "flat.pack.bytes=4kB" : "flat.pack.bytes=0");
        RandomWriter writer = closing(
                RandomWriter.start(database, Seed.random(StreamRestartIT.class).nextLong(), 1));
        connector.awaitSeam();
        Lsn created = database.confirmed();
        for (int round = 0; round < 3; round++) {
            awaitMore(writer, connector, created);
            awaitStreaming(database);
            database.endSlotReaders();
            awaitMore(writer, connector, created);
            awaitStreaming(database);
            connector.restartTask(0);
            awaitMore(writer, connector, created);
            // The leader looks at slot and offsets while the stream goes on.
            connector.client().restart();
        }
        awaitMore(writer, connector, created);
        writer.stop();
        connector.awaitReplayed(RandomWriter.TABLES);
        assertThat(connector.status().anyFailed()).isFalse();
        Lsn end = connector.position();
        assertThat(end).isGreaterThan(created);
        Eventually.holds(
                "an idle connector confirms what it has",
                () -> !database.confirmed().isBefore(end));
    }

    /**
     * Waits until more is written, and looks at the slot meanwhile: it is never confirmed beyond the committed offset.
     *
     * @param created where the slot was confirmed at first
     */
    private static void awaitMore(RandomWriter writer, RunningConnector connector, Lsn created) {
        long target = writer.committed() + 30;
        int[] looks = {0};
        Eventually.holds("more is written", () -> {
            // Offsets only grow: what was confirmed has to be covered by what is read after it.
            Lsn confirmed = connector.database().confirmed();
            Lsn committed = Lsn.max(created, connector.position());
            if (confirmed.isAfter(committed)) {
                throw new AssertionError("confirmed " + confirmed + ", committed only " + committed);
            }
            looks[0]++;
            return looks[0] >= 5 && writer.committed() >= target;
        });
    }

    private static void awaitStreaming(TestDatabase database) {
        Eventually.holds(
                "the slot is read",
                () -> !database.query(
                                "SELECT 1 FROM pg_replication_slots WHERE database = current_database() AND active")
                        .isEmpty());
    }

    @Test
    void aServerThatShutsDownDoesNotWaitForWhatIsNotConfirmed() throws Exception {
        PostgresServer server = closing(PostgresServer.start(18));
        TestDatabase database = database(server);
        database.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE elsewhere (id int)");
        // Without heartbeats nothing is confirmed while only other tables are written.
        RunningConnector connector = connector(database, "table.include.list=public.t", "heartbeat.interval.ms=0");
        connector.awaitSeam();
        database.execute("INSERT INTO t VALUES (1)");
        Eventually.holds(
                "the change is there", () -> connector.replay("public.t").changes() == 1);
        database.execute("INSERT INTO elsewhere SELECT generate_series(1, 1000)");
        server.stop(PostgresServer.Stop.FAST);
        server.startAgain();
        database.execute("INSERT INTO t VALUES (2)");
        Eventually.holds(
                "the stream goes on", () -> connector.replay("public.t").changes() == 2);
    }
}
