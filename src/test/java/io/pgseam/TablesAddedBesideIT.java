package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** A table that is added stops nobody, whoever has to be waited for on the way. */
class TablesAddedBesideIT extends ConnectorScenario {

    private static final String LIST = "table.include.list";
    private static final String FIRST = "public.account,public.document,public.event";

    /**
     * Connect restarts the stream's task several times, never two at once. 1.3 s were measured; a machine that does other things takes longer
     * for a restart, but not for one that waits for somebody.
     */
    private static final Duration LONGEST_GAP = Duration.ofSeconds(10);

    private final Random random = Seed.random(TablesAddedBesideIT.class);

    @Test
    void othersKeepStreamingWhileThePublicationAndTheSlotHaveToWait() throws Exception {
        TestDatabase database = database();
        Connection vacuum = closing(database.connect());
        Connection older = closing(database.connect());
        RunningConnector connector = connector(database, LIST + "=" + FIRST, "table.check.interval.ms=500");
        RandomWriter writer = closing(RandomWriter.start(database, random.nextLong(), 1));
        connector.awaitSeam();
        PostgresServer.execute(vacuum, "BEGIN", "LOCK TABLE extra IN SHARE UPDATE EXCLUSIVE MODE");
        LogFile log = LogFile.fromNow();
        long begin = System.currentTimeMillis();
        connector.change(LIST, FIRST + ",public.extra");

        log.awaitLine("Changing publication", "which has locked table public.extra");
        connector.awaitStreamed(writer);
        PostgresServer.execute(older, "BEGIN", "INSERT INTO unrelated VALUES (1)");
        PostgresServer.execute(vacuum, "COMMIT");

        log.awaitLine("Creating slot", "database " + database.name(), "idle in transaction");
        write(database);
        connector.awaitStreamed(writer);
        assertThat(cluster.topics()).as("its rows come first").doesNotContain(connector.topic("public.extra"));
        PostgresServer.execute(older, "COMMIT");

        connector.awaitSeam(2);
        long end = System.currentTimeMillis();
        write(database);
        connector.awaitStreamed(writer);
        writer.stop();
        connector
                .awaitReplayed("public.account", "public.document", "public.event", "public.extra")
                .assertNoDuplicates();
        assertThat(longestGap(connector, begin, end)).isLessThan(LONGEST_GAP);
        assertThat(connector.control("anchor"))
                .as("one for all, one for the new table")
                .hasSize(2);
    }

    /** FOR ALL TABLES: its first rows are published before anybody has looked. Nothing of it may be sent before its copy. */
    @Test
    void othersKeepStreamingThoughTheTableIsPublishedAlready() throws Exception {
        TestDatabase database = database();
        Connection older = closing(database.connect());
        RunningConnector connector = connector(
                database,
                LIST + "=public\\.(account|document|event|late)",
                "publication.autocreate.mode=all_tables",
                "table.check.interval.ms=500");
        RandomWriter writer = closing(RandomWriter.start(database, random.nextLong(), 1));
        connector.awaitSeam();
        LogFile log = LogFile.fromNow();
        PostgresServer.execute(older, "BEGIN", "INSERT INTO unrelated VALUES (1)");
        database.execute("CREATE TABLE late (id int PRIMARY KEY, note text)");
        database.execute("INSERT INTO late SELECT i, 'late' FROM generate_series(1, 1000) i");
        log.awaitLine("Creating slot", "database " + database.name(), "idle in transaction");
        database.execute("DELETE FROM late WHERE id % 10 = 0");
        connector.awaitStreamed(writer);
        assertThat(cluster.topics()).as("its rows come first").doesNotContain(connector.topic("public.late"));
        PostgresServer.execute(older, "COMMIT");
        database.execute("DELETE FROM late WHERE id % 10 = 1", "INSERT INTO late VALUES (2000, 'new')");
        connector.awaitSeam(2);
        database.execute("UPDATE late SET note = 'later' WHERE id = 2000");
        writer.stop();
        connector
                .awaitReplayed("public.account", "public.document", "public.event", "public.late")
                .assertNoDuplicates();
        assertThat(connector.values("public.late"))
                .filteredOn(value -> value.contains("\"id\":3,"))
                .as("a row that is copied was not streamed before")
                .hasSize(1);
        assertThat(connector.generations("account")).containsOnly(1);
        assertThat(log.lines("Waits until no session reads the slot"))
                .as("the stream was not stopped")
                .isEmpty();
    }

    /** The stream has to stop for the anchor, but not while that has to be waited for. */
    @Test
    void othersKeepStreamingWhileAnAnchorThatStopsThemHasToWait() throws Exception {
        TestDatabase database = database();
        Connection older = closing(database.connect());
        RunningConnector connector =
                connector(database, LIST + "=" + FIRST, "snapshot.mode=no_data", "table.check.interval.ms=500");
        RandomWriter writer = closing(RandomWriter.start(database, random.nextLong(), 1));
        connector.awaitSeam();
        LogFile log = LogFile.fromNow();
        PostgresServer.execute(older, "BEGIN", "INSERT INTO unrelated VALUES (1)");
        // Somebody changes how a table is published.
        database.execute("ALTER PUBLICATION pgseam_" + database.name() + " DROP TABLE event");
        log.awaitLine("Creating slot", "database " + database.name(), "idle in transaction");
        connector.awaitStreamed(writer);
        assertThat(log.lines("Waits until no session reads the slot")).isEmpty();
        PostgresServer.execute(older, "COMMIT");
        connector.awaitSeam(2);
        connector.awaitStreamed(writer);
        writer.stop();
    }

    /** The longest time between two records of the live topics, by the time at which they were sent. */
    private static Duration longestGap(RunningConnector connector, long fromMs, long toMs) {
        long[] sent = Stream.of("public.account", "public.document", "public.event")
                .flatMap(table -> connector.records(table).stream())
                .mapToLong(ConsumerRecord::timestamp)
                .filter(time -> time >= fromMs && time <= toMs)
                .sorted()
                .toArray();
        return Duration.ofMillis(IntStream.range(1, sent.length)
                .mapToLong(i -> sent[i] - sent[i - 1])
                .max()
                .orElseThrow());
    }

    private static void write(TestDatabase database) throws SQLException {
        database.execute(
                "BEGIN; UPDATE extra SET note = note || '+' WHERE id % 7 = 0; UPDATE account SET owner = 'both' WHERE id = 7; COMMIT",
                "DELETE FROM extra WHERE id = (SELECT max(id) FROM extra)",
                "INSERT INTO extra SELECT max(id) + 10, 'new' FROM extra");
    }

    private TestDatabase database() throws Exception {
        TestDatabase database = database(18);
        RandomWriter.createTables(database);
        database.execute(
                "CREATE TABLE unrelated (id int PRIMARY KEY)",
                "CREATE TABLE extra (id int PRIMARY KEY, note text)",
                "INSERT INTO extra SELECT i, repeat('extra ' || i, 20) FROM generate_series(1, 5000) i");
        return database;
    }
}
