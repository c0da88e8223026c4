package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.record.flat.PackForm;
import io.pgseam.record.flat.PackSettings;
import io.pgseam.task.ConnectorVersion;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A copy task on a real server, polled by the test: what it reads while the source is altered under its hands. */
class CopyTaskIT {

    private static final int BLOCK = 8192;
    private static final CopySettings SMALL = new CopySettings(4 * BLOCK, 3_000, 50, 1 << 20, true, false);

    /** The queue takes less than a stride. */
    private static final CopySettings LARGE_STRIDES = new CopySettings(256 * BLOCK, 3_000, 500, 64 << 10, true, false);

    private static final PackSettings PACKED = new PackSettings(2_000, 8, PackForm.LINES);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders RENAME TO orders_old; ALTER TABLE orders_new RENAME TO orders",
                "ALTER SCHEMA public RENAME TO past; ALTER SCHEMA next RENAME TO public"
            })
    void anotherTableOfTheSameNameIsNeverRead(String swap) throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "orders", 1, 5_000);
            database.execute("CREATE TABLE orders_new (LIKE orders)", "CREATE SCHEMA next");
            database.execute("INSERT INTO orders_new SELECT i, 'new' FROM generate_series(100001, 105000) i");
            database.execute("CREATE TABLE next.orders AS SELECT * FROM orders_new");
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                CopyTask task = fixture.start();
                fixture.pollUntil(task, sent -> !sent.rows("orders").isEmpty());
                database.execute("BEGIN; " + swap + "; COMMIT");
                fixture.pollUntil(task, sent -> !sent.control("misfit").isEmpty());
                JsonNode misfit = fixture.control("misfit").get(0);
                assertThat(misfit.path("reason").asText()).contains("is another table");
                assertThat(ids(fixture, "orders")).allMatch(id -> id <= 5_000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rowsBeyondTheEndOfThePlanAreLeftToTheStream(boolean packed) throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "growing", 1, 5_000);
            try (CopyFixture fixture = new CopyFixture(database, SMALL, packed ? PACKED : null)) {
                fill(database, "growing", 5_001, 60_000);
                CopyTask task = fixture.start();
                fixture.pollUntilCopied(task);
                assertThat(ids(fixture, "growing"))
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.rangeClosed(1, 5_000).boxed().toList());
                assertManifestsSay(fixture, "growing");
                fixture.pollUntil(task, sent -> !sent.control("table_done").isEmpty());
                assertThat(fixture.control("table_done")).singleElement().satisfies(done -> {
                    assertThat(done.path("table").asText()).isEqualTo("growing");
                    assertThat(done.path("rows").asInt()).isEqualTo(5_000);
                    assertThat(done.path("chunks").asLong())
                            .isEqualTo(fixture.plan().chunks());
                });
                JsonNode anchor = fixture.control("anchor").get(0);
                assertThat(anchor.path("postgres_version").asText()).startsWith("18.");
                assertThat(anchor.path("connector_version").asText()).isEqualTo(ConnectorVersion.get());
                long planned = fixture.plan().relations().get(0).blocks();
                assertThat(fixture.control("table").get(0).path("blocks").asLong())
                        .isEqualTo(planned);
                assertThat(fixture.control("chunk"))
                        .allMatch(chunk -> chunk.path("next_block").asLong() <= planned)
                        .allMatch(chunk -> chunk.path("task").asInt(-1) == 0)
                        .allMatch(chunk -> chunk.path("started_ms").asLong()
                                >= anchor.path("ts_ms").asLong())
                        .allMatch(chunk -> chunk.path("started_ms").asLong()
                                <= chunk.path("ts_ms").asLong());
            }
        }
    }

    /** Row filter, index and statistics that come later: the count of rows has to mean the same rows in the next session. */
    @ParameterizedTest
    @CsvSource({"14, false", "18, false", "18, true"})
    void aTaskThatEndsInMidStrideIsResumedWithoutLossAndRepetition(int version, boolean packed) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase()) {
            fill(database, "orders", 1, 20_000);
            database.execute(
                    "ALTER TABLE orders ADD n int",
                    "UPDATE orders SET n = (20000 - id) % 500",
                    "VACUUM FULL orders",
                    "CREATE INDEX ON orders (n, id DESC) INCLUDE (note)");
            try (CopyFixture fixture = new CopyFixture(database, LARGE_STRIDES, packed ? PACKED : null)) {
                for (int round = 1; round <= 6; round++) {
                    CopyTask task = fixture.start();
                    int before = fixture.rows("orders").size();
                    fixture.pollUntil(task, sent -> sent.rows("orders").size() > before);
                    task.close();
                    database.execute("ANALYZE orders");
                }
                assertThat(fixture.rows("orders")).hasSizeLessThan(20_000);
                fixture.pollUntilCopied(fixture.start());
                List<Integer> ids = new ArrayList<>(ids(fixture, "orders"));
                if (packed) {
                    // Each key has an order of its own, and here one row.
                    ids.sort(null);
                }
                assertThat(ids)
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, 20_000).boxed().toList());
                // Where the last rows of a task that ended are, nobody knows; but they are counted and hashed.
                assertThat(sum(fixture, "rows")).isEqualTo(20_000);
                assertThat(fixture.control("chunk"))
                        .extracting(CopyTaskIT::hash)
                        .isNotEmpty();
                assertThat(fixture.control("chunk").stream()
                                .mapToLong(CopyTaskIT::hash)
                                .sum())
                        .isEqualTo(fixture.hashOfRows("orders"));
                assertThat(fixture.messages("orders")).isLessThanOrEqualTo(packed ? 20_000 / 4 : 20_000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void someRowsAreCopiedAndResumed(boolean packed) throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "orders", 1, 20_000);
            try (CopyFixture fixture = new CopyFixture(database, LARGE_STRIDES, packed ? PACKED : null)) {
                fixture.choose("(id % 2 = 0) OR (id > 19990)");
                for (int round = 1; round <= 3; round++) {
                    CopyTask task = fixture.start();
                    int before = fixture.rows("orders").size();
                    fixture.pollUntil(task, sent -> sent.rows("orders").size() > before);
                    task.close();
                }
                fixture.pollUntilCopied(fixture.start());
                assertThat(ids(fixture, "orders"))
                        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 20_000)
                                .filter(id -> id % 2 == 0 || id > 19_990)
                                .boxed()
                                .toList());
                assertThat(sum(fixture, "rows")).isEqualTo(10_005);
            }
        }
    }

    /** A condition that fails on one row, or altogether, stops nothing: every row of that chunk is sent. */
    @ParameterizedTest
    @ValueSource(strings = {"100 / (id - 2500) = 1 AND id > 0", "gone = 1", "nextval('used') > 0"})
    void aConditionThatFailsStopsNothing(String condition) throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "orders", 1, 5_000);
            database.execute("CREATE SEQUENCE used");
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                fixture.choose("(" + condition + ")");
                CopyTask task = fixture.start();
                fixture.pollUntilCopied(task);
                assertThat(fixture.control("misfit")).isEmpty();
                assertThat(ids(fixture, "orders")).contains(2_500);
                if (condition.startsWith("100")) {
                    assertThat(ids(fixture, "orders")).contains(2_501, 2_600).doesNotContain(1, 5_000);
                } else {
                    assertThat(ids(fixture, "orders")).contains(1, 5_000);
                }
            }
        }
    }

    /** As where the connector is paused: an ALTER TABLE gets its lock, and the copy resumes after the rows that were read. */
    @Test
    void aTableIsNotLockedWhileConnectAsksForNothing() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "orders", 1, 20_000);
            try (CopyFixture fixture = new CopyFixture(database, LARGE_STRIDES)) {
                CopyTask task = fixture.start();
                fixture.pollUntil(task, sent -> !sent.rows("orders").isEmpty());
                database.execute("SET lock_timeout = '20s'; ALTER TABLE orders SET (fillfactor = 90)");
                Eventually.holds("the queue is full", () -> locks(database).isEmpty());
                assertThat(ids(fixture, "orders")).hasSizeLessThan(20_000);
                fixture.pollUntilCopied(task);
                assertThat(ids(fixture, "orders"))
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, 20_000).boxed().toList());
            }
        }
    }

    @Test
    void aPollReturnsAndAStopIsAnsweredWhileTheTableIsLocked() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase();
                Connection other = database.connect()) {
            fill(database, "orders", 1, 100);
            CopySettings patient = new CopySettings(4 * BLOCK, 0, 50, 1 << 20, true, false);
            try (CopyFixture fixture = new CopyFixture(database, patient)) {
                other.setAutoCommit(false);
                other.createStatement().execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
                CopyTask task = fixture.start();
                Eventually.holds(
                        "the task waits for the lock", () -> !locks(database).isEmpty());
                fixture.pollUntil(task, sent -> !sent.control("share").isEmpty());
                long start = System.nanoTime();
                assertThat(fixture.poll(task)).isEmpty();
                task.close();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    /** Each chunk would wait for the same lock: if each one were tried, the other tables would wait for all of them. */
    @Test
    void aLockedTableHoldsUpNoOther() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("locked_away");
                Connection other = database.connect()) {
            fill(database, "locked_away", 1, 20_000);
            fill(database, "not_locked_away", 1, 500);
            database.execute("ALTER DATABASE locked_away SET log_statement = 'all'");
            CopySettings impatient = new CopySettings(4 * BLOCK, 20, 50, 1 << 20, true, false);
            try (CopyFixture fixture = new CopyFixture(database, impatient)) {
                assertThat(fixture.plan().chunks()).isGreaterThan(20);
                other.setAutoCommit(false);
                other.createStatement().execute("LOCK TABLE locked_away IN ACCESS EXCLUSIVE MODE");
                CopyTask task = fixture.start();
                fixture.pollUntil(task, sent -> sent.rows("not_locked_away").size() == 500);
                assertThat(database.server().log().lines())
                        .filteredOn(line -> line.contains("locked_away\""))
                        .as("the table is tried once, and then the other one is copied")
                        .element(1)
                        .asString()
                        .contains("\"not_locked_away\"");
                other.rollback();
                fixture.pollUntilCopied(task);
                assertThat(ids(fixture, "locked_away"))
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, 20_000).boxed().toList());
            }
        }
    }

    /** A network that swallows packets: nothing ends the connections, and nothing comes any more. */
    @Test
    void aCopyResumesAfterItsServerHasVanished() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase();
                TcpProxy road = TcpProxy.start(database.server())) {
            fill(database, "orders", 1, 20_000);
            try (CopyFixture fixture = new CopyFixture(database, LARGE_STRIDES)) {
                fixture.take(through(road, database.connectionSettings(), 1_000));
                CopyTask task = fixture.start();
                fixture.pollUntil(task, sent -> !sent.rows("orders").isEmpty());
                road.swallowOpen();
                fixture.pollUntilCopied(task);
                assertThat(ids(fixture, "orders"))
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, 20_000).boxed().toList());
            }
        }
    }

    @Test
    void aCopyWhoseServerNeverAnswersIsPolledAndStoppedAtOnce() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase();
                TcpProxy road = TcpProxy.start(database.server())) {
            fill(database, "orders", 1, 100);
            CopyFixture fixture = new CopyFixture(database, SMALL);
            road.swallowAll();
            fixture.take(through(road, database.connectionSettings(), 60_000));
            CopyTask task = fixture.start();
            long start = System.nanoTime();
            assertThat(fixture.poll(task)).isEmpty();
            fixture.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            Eventually.holds(
                    "its thread has ended",
                    Duration.ofSeconds(5),
                    () -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().equals("pgseam-copy-0")));
        }
    }

    private static ConnectionSettings through(TcpProxy road, ConnectionSettings source, int connectTimeoutMs) {
        return new ConnectionSettings(
                road.host(),
                road.port(),
                source.database(),
                source.user(),
                source.password(),
                connectTimeoutMs,
                source.driverProperties(),
                source.applicationName());
    }

    @Test
    void aTinyTableTakesOneCopyAndAnEmptyOneNone() throws Exception {
        int tables = 120;
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("tiny_tables")) {
            for (int table = 0; table < tables; table++) {
                database.execute(
                        "CREATE TABLE tiny" + table + " (id int PRIMARY KEY)",
                        "INSERT INTO tiny" + table + " VALUES (1)",
                        "CREATE TABLE blank" + table + " (id int PRIMARY KEY)");
            }
            database.execute("ALTER DATABASE tiny_tables SET log_statement = 'all'");
            CopySettings byDefault = new CopySettings(16 << 20, 3_000, 20_000, 16 << 20, true, false);
            try (CopyFixture fixture = new CopyFixture(database, byDefault)) {
                CopyTask task = fixture.start();
                fixture.pollUntilCopied(task);
                assertThat(fixture.batches())
                        .as("rows of several tables come together")
                        .isLessThan(tables / 2);
                assertThat(fixture.mostTopics())
                        .as("topics that Connect creates in one transaction, besides the control topic")
                        .isLessThanOrEqualTo(50 + 1);
            }
            String log = database.server().log();
            assertThat(log.lines().filter(line -> line.contains("COPY (SELECT") && line.contains("\"tiny")))
                    .hasSize(tables);
            assertThat(log.lines().filter(line -> line.contains("\"tiny")))
                    .as("lock and COPY")
                    .hasSize(2 * tables);
            assertThat(log.lines().filter(line -> line.contains("\"blank"))).isEmpty();
        }
    }

    @Test
    void anEmptyTableThatWasTruncatedSinceTheSnapshotDoesNotFitThePlan() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            database.execute("CREATE TABLE emptied (id int PRIMARY KEY)");
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                database.execute("INSERT INTO emptied VALUES (1)", "TRUNCATE emptied");
                CopyTask task = fixture.start();
                fixture.pollUntil(task, sent -> !sent.control("misfit").isEmpty());
                assertThat(fixture.control("chunk")).isEmpty();
            }
        }
    }

    @Test
    void aTypeThatWasDroppedBeforeTheTaskStartsDoesNotFitThePlan() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            database.execute(
                    "CREATE TYPE mood AS ENUM ('good')",
                    "CREATE TABLE people (id int PRIMARY KEY, mood mood)",
                    "INSERT INTO people VALUES (1, 'good')");
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                database.execute("DROP TYPE mood CASCADE");
                CopyTask task = fixture.start();
                fixture.pollUntil(task, sent -> !sent.control("misfit").isEmpty());
                assertThat(fixture.control("misfit").get(0).path("reason").asText())
                        .contains("public.people", "\"mood\"", "was dropped");
            }
        }
    }

    @Test
    void textThatUtf8CannotHoldIsReportedWithTableAndColumn() throws Exception {
        PostgresServer server = PostgresServer.shared(18);
        server.execute("CREATE DATABASE any_bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
        try (TestDatabase database = new TestDatabase(server, "any_bytes")) {
            database.execute(
                    "CREATE TABLE letters (id int PRIMARY KEY, subject text, body text)",
                    "INSERT INTO letters VALUES (1, 'good', 'good'), (2, 'good', E'bad \\xff')");
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                CopyTask task = fixture.start();
                assertThatThrownBy(() -> fixture.pollUntilCopied(task))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContainingAll(
                                "column \"body\" of table public.letters in UTF-8", "text.invalid=replace")
                        .hasMessageNotContaining("bad");
            }
        }
    }

    @Test
    void rowsThatConnectDropsAreCountedAndNotClaimed() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "orders", 1, 102);
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                fixture.dropEvery(10);
                CopyTask task = fixture.start();
                fixture.pollUntilCopied(task);
                assertManifestsSay(fixture, "orders");
                assertThat(sum(fixture, "left_out")).isPositive();
                assertThat(sum(fixture, "rows") + sum(fixture, "left_out")).isEqualTo(102);
                assertThat(sum(fixture, "rows"))
                        .isEqualTo(ids(fixture, "orders").size());
            }
        }
    }

    /** Of a copy without interruption: what was sent to each partition, of which there is one here. */
    private static void assertManifestsSay(CopyFixture fixture, String table) {
        List<JsonNode> partitions = fixture.control("chunk").stream()
                .map(chunk -> chunk.path("offsets")
                        .path(CopyFixture.SERVER + ".public." + table)
                        .path("0"))
                .toList();
        assertThat(partitions.stream()
                        .mapToLong(range -> range.path("rows").asLong())
                        .sum())
                .isEqualTo(fixture.rows(table).size());
        assertThat(partitions.stream().mapToLong(CopyTaskIT::hash).sum()).isEqualTo(fixture.hashOfRows(table));
    }

    private static long hash(JsonNode record) {
        return Long.parseUnsignedLong(record.path("hash").asText(), 16);
    }

    private static long sum(CopyFixture fixture, String field) {
        return fixture.control("chunk").stream()
                .mapToLong(chunk -> chunk.path(field).asLong())
                .sum();
    }

    private static List<String> locks(TestDatabase database) throws SQLException {
        return database.query("SELECT mode FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                + " WHERE relation = 'orders'::regclass AND application_name LIKE '% copy 0'");
    }

    private static void fill(TestDatabase database, String table, int first, int last) throws SQLException {
        database.execute(
                "CREATE TABLE IF NOT EXISTS " + table + " (id int PRIMARY KEY, note text)",
                "INSERT INTO " + table + " SELECT i, repeat('note ' || i, 10) FROM generate_series(" + first + ", "
                        + last + ") i");
    }

    private static List<Integer> ids(CopyFixture fixture, String table) {
        return fixture.rows(table).stream().map(row -> row.path("id").asInt()).toList();
    }
}
