package io.pgseam;

import static io.pgseam.testing.Stopwatch.timeOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.leader.Leader;
import io.pgseam.leader.LoneLeader;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Leader, stream and lookups notice if the network swallows packets without a word, and continue on new connections. Whatever is being
 * waited for, a poll returns, and a stop is answered. For the copy, see {@code CopyTaskIT}; for a lookup behind a lock, {@code StreamTaskIT}.
 */
class NothingHangsIT {

    /** With it a silent server is asked after three seconds; with the default, after thirty. */
    private static final int SHORT_TIMEOUT_MS = 1_000;

    /** Nothing that a test looks at may end because this is over. */
    private static final int LONG_TIMEOUT_MS = 60_000;

    /** A tenth of the time that is promised for the default, and time for a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(45);

    private static final Duration LONGEST_POLL = Duration.ofSeconds(2);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    private TestDatabase database;
    private TcpProxy road;
    private String lsn;

    @BeforeEach
    void open() throws SQLException, IOException {
        database = PostgresServer.shared(18).createDatabase();
        road = TcpProxy.start(database.server());
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, n int, large text)",
                "ALTER TABLE t ALTER large SET STORAGE EXTERNAL",
                "INSERT INTO t VALUES (1, 1, repeat('large', 2000))",
                "CREATE PUBLICATION pgseam_" + database.name() + " FOR TABLE t",
                // The server's end of a connection that is lost has the slot until the server notices it, too.
                "ALTER DATABASE " + database.name() + " SET wal_sender_timeout = '3s'");
        lsn = database.queryOne("SELECT lsn::text FROM pg_create_logical_replication_slot('pgseam_" + database.name()
                + "', 'pgoutput')");
    }

    @AfterEach
    void close() throws Exception {
        road.close();
        database.close();
    }

    /** As where a firewall forgets all connections: those of the slot, of lookups and of the catalogue monitor. */
    @Test
    void theStreamContinuesWithItsLookups() throws Exception {
        PgSeamSourceTask task = task(SHORT_TIMEOUT_MS);
        try {
            List<String> values = new ArrayList<>();
            // The lookup leaves its session open.
            database.execute("UPDATE t SET n = 2");
            pollUntil(task, values, "\"n\":2");
            road.swallowOpen();
            database.execute("UPDATE t SET n = 3");
            pollUntil(task, values, "\"n\":3");
            assertThat(values).allMatch(value -> value.contains("largelarge"));
        } finally {
            assertThat(timeOf(task::stop)).isLessThan(LONGEST_STOP);
        }
    }

    @Test
    void aTaskWhoseServerNeverAnswersIsPolledAndStoppedAtOnce() throws Exception {
        road.swallowAll();
        PgSeamSourceTask task = task(LONG_TIMEOUT_MS);
        for (int poll = 0; poll < 5; poll++) {
            assertThat(timeOf(task::poll)).isLessThan(LONGEST_POLL);
        }
        assertThat(timeOf(task::stop)).isLessThan(LONGEST_STOP);
    }

    @Test
    void aStreamWhoseServerHasVanishedIsPolledAndStoppedAtOnce() throws Exception {
        PgSeamSourceTask task = task(LONG_TIMEOUT_MS);
        List<String> values = new ArrayList<>();
        database.execute("UPDATE t SET n = 2");
        pollUntil(task, values, "\"n\":2");
        road.swallowAll();
        database.execute("UPDATE t SET n = 3");
        for (int poll = 0; poll < 5; poll++) {
            assertThat(timeOf(task::poll)).isLessThan(LONGEST_POLL);
        }
        assertThat(timeOf(task::stop)).isLessThan(LONGEST_STOP);
    }

    @Test
    void aBlockedLookAtTheCatalogueHoldsUpNeitherPollNorStop() throws Exception {
        PgSeamSourceTask task = task(LONG_TIMEOUT_MS);
        List<String> values = new ArrayList<>();
        database.execute("UPDATE t SET n = 2");
        pollUntil(task, values, "\"n\":2");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            other.createStatement().execute("LOCK TABLE pg_publication IN ACCESS EXCLUSIVE MODE");
            Eventually.holds("a look waits", SOON, () -> {
                assertThat(timeOf(task::poll)).isLessThan(LONGEST_POLL);
                return !database.query(
                                "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'pg_publication'::regclass"
                                        + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                        .isEmpty();
            });
            assertThat(timeOf(task::poll)).isLessThan(LONGEST_POLL);
            assertThat(timeOf(task::stop)).isLessThan(LONGEST_STOP);
        }
    }

    /** As where a broker is slow: the reader of the slot has filled the queue, and waits for room. */
    @Test
    void aFullQueueDoesNotHoldUpAStop() throws Exception {
        database.execute("INSERT INTO t SELECT i, i FROM generate_series(2, 20000) i");
        PgSeamSourceTask task = task(LONG_TIMEOUT_MS);
        task.poll();
        Eventually.holds(
                "the reader waits for room",
                SOON,
                () -> isInMethod("pgseam-stream pgseam_" + database.name(), "ChangeQueue", "offer"));
        assertThat(timeOf(task::stop)).isLessThan(LONGEST_STOP);
        assertThat(isInMethod("pgseam-stream pgseam_" + database.name(), "SlotReader", "read"))
                .isFalse();
    }

    private static boolean isInMethod(String threadName, String className, String method) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith(threadName))
                .flatMap(thread -> Arrays.stream(thread.getValue()))
                .anyMatch(frame -> frame.getClassName().endsWith("." + className)
                        && frame.getMethodName().equals(method));
    }

    @Test
    void theLeaderLooksAgain() throws Exception {
        try (Sessions sessions = sessions(SHORT_TIMEOUT_MS);
                Leader leader = leader(SHORT_TIMEOUT_MS, sessions)) {
            leader.start(SOON);
            String session = sessionOfLeader();
            assertThat(session).isNotEmpty();
            road.swallowOpen();
            Eventually.holds(
                    "the leader has another session",
                    SOON,
                    () -> !sessionOfLeader().isEmpty() && !sessionOfLeader().equals(session));
        }
    }

    @Test
    void aLeaderWhoseServerNeverAnswersIsStoppedAtOnce() throws Exception {
        road.swallowAll();
        try (Sessions sessions = sessions(LONG_TIMEOUT_MS);
                Leader leader = leader(LONG_TIMEOUT_MS, sessions)) {
            leader.start(Duration.ofSeconds(1));
            assertThat(timeOf(leader::close)).isLessThan(LONGEST_STOP);
        }
    }

    private Sessions sessions(int connectTimeoutMs) {
        return new Sessions(
                PgSeamSettings.parse(configuration(connectTimeoutMs)).connection());
    }

    private Leader leader(int connectTimeoutMs, Sessions sessions) {
        Map<String, String> configuration = configuration(connectTimeoutMs);
        // It looks at the source as often as tables are looked for.
        configuration.put("table.check.interval.ms", "500");
        return LoneLeader.of(configuration, sessions, CommittedOffsets.ofStream(database, lsn, 1, 1));
    }

    /** Of the newest of them: the server does not know yet that one is lost. */
    private String sessionOfLeader() throws SQLException {
        List<String> pids =
                database.query("SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND"
                        + " application_name LIKE '% leader' ORDER BY backend_start DESC LIMIT 1");
        return pids.isEmpty() ? "" : pids.get(0);
    }

    private static void pollUntil(PgSeamSourceTask task, List<String> values, String wanted) {
        Eventually.holds(wanted + " arrives", SOON, () -> {
            long begun = System.nanoTime();
            List<SourceRecord> records = task.poll();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LONGEST_POLL);
            if (records != null) {
                records.stream()
                        .filter(record -> record.topic().endsWith(".t"))
                        .map(record -> new String((byte[]) record.value(), StandardCharsets.UTF_8))
                        .forEach(values::add);
            }
            return values.stream().anyMatch(value -> value.contains(wanted));
        });
    }

    private PgSeamSourceTask task(int connectTimeoutMs) {
        PgSeamSourceTask task = new PgSeamSourceTask();
        task.initialize(CommittedOffsets.ofStream(database, lsn, 1, 1));
        task.start(configuration(connectTimeoutMs));
        return task;
    }

    private Map<String, String> configuration(int connectTimeoutMs) {
        Map<String, String> configuration = ConnectorSettings.streamTask(database, lsn);
        configuration.put("database.hostname", road.host());
        configuration.put("database.port", String.valueOf(road.port()));
        configuration.put("max.queue.size.in.bytes", "64kB");
        configuration.put("max.batch.size", "100");
        configuration.put("database.connect.timeout.ms", String.valueOf(connectTimeoutMs));
        return configuration;
    }
}
