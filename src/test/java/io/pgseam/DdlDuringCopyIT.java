package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SchemaReplay;
import io.pgseam.testing.Seed;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tables are packed, altered, emptied and dropped while they are copied and written: nothing is lost, and nobody is held up. */
class DdlDuringCopyIT extends ConnectorScenario {

    /** Tables of this test besides the writer's; each takes many chunks. */
    private static final List<String> ALTERED = List.of("retyped", "widened", "emptied", "dropped", "whole_0");

    private static final String WIDENED = "public.widened";

    private static final String LOCKS = """
            SELECT a.application_name, l.granted, l.waitstart::text
              FROM pg_locks l JOIN pg_stat_activity a USING (pid)
             WHERE l.relation = 'wanted'::regclass AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND a.application_name LIKE 'pgseam %'
            """;

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void everythingIsThereInTheEnd(Delivery delivery) throws Exception {
        TestDatabase database = database(18);
        RandomWriter writer = closing(tablesAndWriter(database));
        RunningConnector connector = slowConnector(
                cluster(delivery),
                database,
                RunningConnector.smallChunks("table.check.interval.ms=500", "max.batch.size=100"));
        // The largest table, which is copied first: it is far from its end when it is rewritten.
        connector.awaitChunkOf("retyped");
        database.execute("ALTER TABLE retyped ALTER COLUMN n TYPE bigint");
        connector.hurry();
        attachPartition(database);
        database.execute("VACUUM FULL account");
        write(database);
        database.execute("CLUSTER document USING document_pkey");
        write(database);
        connector.awaitChunkOf("widened");
        database.execute("ALTER TABLE widened ADD COLUMN more text DEFAULT 'of old'", "TRUNCATE emptied");
        write(database);
        database.execute("DROP TABLE dropped");
        write(database);
        writer.stop();

        awaitEverythingCopied(connector);
        assertThat(connector.control("misfit")).isNotEmpty();
        write(database);
        assertReplayed(connector);
    }

    /** While a long reader is in the way of an ALTER TABLE, and the ALTER in the way of the application and of us. */
    @Test
    void nobodyWaitsBehindACopyThatWantsTheTable() throws Exception {
        TestDatabase database = database(17);
        Connection reader = closing(database.connect());
        Connection alter = closing(database.connect());
        Connection application = closing(database.connect());
        database.execute("CREATE TABLE large (id int PRIMARY KEY, n int, note text)");
        fill(database, "large", 60_000);
        database.execute(
                "CREATE TABLE wanted (id int PRIMARY KEY, note text)", "INSERT INTO wanted VALUES (1, 'copied')");
        RunningConnector connector =
                slowConnector(database, RunningConnector.smallChunks("tasks.max=1", "max.batch.size=100"));
        connector.awaitChunkOf("large");
        reader.setAutoCommit(false);
        reader.createStatement().execute("SELECT count(*) FROM wanted");
        CompletableFuture<Void> altered = later(alter, "ALTER TABLE wanted ALTER COLUMN note SET DEFAULT 'none'");
        awaitBlocked(database, alter, reader);
        CompletableFuture<Void> inserted = later(application, "INSERT INTO wanted VALUES (2, 'by the application')");
        awaitBlocked(database, application, alter);
        connector.hurry();

        Set<String> waits = new HashSet<>();
        Eventually.holds("the copy has wanted the table three times", () -> {
            look(database, waits);
            assertThat(blockers(database, alter)).containsExactly(pid(reader));
            assertThat(blockers(database, application)).containsExactly(pid(alter));
            return waits.size() >= 3;
        });
        assertThat(altered).isNotDone();
        reader.rollback();
        // Nothing of ours is ahead of them in the queue.
        assertThat(altered).succeedsWithin(RunningConnector.TIMEOUT);
        assertThat(inserted).succeedsWithin(RunningConnector.TIMEOUT);

        connector.awaitSeam();
        connector.awaitReplayed("public.large", "public.wanted");
    }

    /** Notes since when we wait for the table. We never have it. A second wait shows that the first one was given up. */
    private static void look(TestDatabase database, Set<String> waits) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet locks = statement.executeQuery(LOCKS)) {
            while (locks.next()) {
                String who = locks.getString("application_name");
                assertThat(locks.getBoolean("granted")).as(who).isFalse();
                if (locks.getString("waitstart") != null) {
                    waits.add(locks.getString("waitstart"));
                }
            }
        }
    }

    private static void awaitBlocked(TestDatabase database, Connection waiting, Connection blocker) {
        Eventually.holds(
                "one waits for the other", () -> blockers(database, waiting).equals(List.of(pid(blocker))));
    }

    private static List<Integer> blockers(TestDatabase database, Connection waiting) throws SQLException {
        return database.query("SELECT unnest(pg_blocking_pids(" + pid(waiting) + "))::text").stream()
                .map(Integer::valueOf)
                .toList();
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    private static RandomWriter tablesAndWriter(TestDatabase database) throws SQLException {
        RandomWriter.createTables(database);
        for (String table : List.of("retyped", "widened", "emptied", "dropped")) {
            database.execute("CREATE TABLE " + table + " (id int PRIMARY KEY, n int, note text)");
            fill(database, table, 20_000);
        }
        database.execute("UPDATE retyped SET note = repeat('large', 200)", "VACUUM FULL retyped");
        database.execute(
                "CREATE TABLE whole (id int PRIMARY KEY, n int, note text) PARTITION BY RANGE (id)",
                "CREATE TABLE whole_0 PARTITION OF whole FOR VALUES FROM (-100000) TO (100000)");
        fill(database, "whole_0", 20_000);
        return RandomWriter.start(database, Seed.random(DdlDuringCopyIT.class).nextLong(), 1);
    }

    /** It comes with rows, which no change tells of. */
    private static void attachPartition(TestDatabase database) throws SQLException {
        database.execute("BEGIN; CREATE TABLE whole_1 (id int PRIMARY KEY, n int, note text);"
                + " INSERT INTO whole_1 SELECT i, i, 'before it is attached' FROM generate_series(100000, 100999) i;"
                + " ALTER TABLE whole ATTACH PARTITION whole_1 FOR VALUES FROM (100000) TO (200000); COMMIT");
    }

    private static void fill(TestDatabase database, String table, int rows) throws SQLException {
        database.execute(
                "INSERT INTO " + table + " SELECT i, i, repeat('x', 50) FROM generate_series(1, " + rows + ") i");
    }

    /** Rows come, go and move, on blocks that are copied and on others. */
    private static void write(TestDatabase database) throws SQLException {
        for (String table : ALTERED) {
            if (database.query("SELECT 1 FROM pg_class WHERE relname = '" + table + "'")
                    .isEmpty()) {
                continue;
            }
            database.execute(
                    "INSERT INTO " + table + " (id, n, note) SELECT max(id) + 1, 7, 'new' FROM " + table
                            + " HAVING max(id) IS NOT NULL",
                    "UPDATE " + table + " SET note = note || '!' WHERE id % 97 = 0",
                    "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table
                            + " WHERE id % 89 = 1 ORDER BY id LIMIT 9)",
                    "UPDATE " + table + " SET id = -id WHERE id IN (SELECT id FROM " + table
                            + " WHERE id > 0 AND id % 83 = 2 ORDER BY id LIMIT 9)");
        }
    }

    /** The partition that was attached comes last: it is looked for only while the connector streams. */
    private static void awaitEverythingCopied(RunningConnector connector) {
        Eventually.holds("the newest anchor's copy is complete, with the attached partition", () -> {
            List<JsonNode> anchors = connector.control("anchor");
            List<JsonNode> seams = connector.control("seam");
            boolean attached = !connector.chunks("whole_1").isEmpty();
            return attached
                    && !seams.isEmpty()
                    && generation(seams) >= generation(anchors)
                    && generation(seams) >= generation(connector.control("plan"));
        });
    }

    private static int generation(List<JsonNode> records) {
        return records.stream()
                .mapToInt(record -> record.path("generation").asInt())
                .max()
                .orElse(0);
    }

    private static void assertReplayed(RunningConnector connector) throws SQLException {
        connector.awaitCaughtUp();
        List<String> tables = new ArrayList<>(List.of(RandomWriter.TABLES));
        ALTERED.stream().filter(table -> !table.equals("dropped")).forEach(table -> tables.add("public." + table));
        tables.add("public.whole_1");
        Replay replay = connector.replay(tables.toArray(String[]::new));
        connector.control("truncate").forEach(replay::forgetTruncated);
        try (Connection connection = connector.database().connect()) {
            SourceTruth truth = new SourceTruth(connection);
            for (String table : tables) {
                if (!table.equals(WIDENED)) {
                    truth.assertReplayed(table, replay, connector.topic(table));
                }
            }
            // Rows that no change has named since do not have the new column: what it holds there is told once.
            new SchemaReplay(
                            connector.database().name(),
                            topic -> TopicReader.readAll(connector.cluster().bootstrapServers(), topic))
                    .assertReplayed(truth, WIDENED, connector.topic(WIDENED));
        }
    }
}
