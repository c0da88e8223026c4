package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.SchemaReplay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Tables that are altered while they are streamed, while the connector is away, and while they are copied. */
class SchemaChangesIT extends ConnectorScenario {

    private static final String VALUES = "id int PRIMARY KEY, v int NOT NULL DEFAULT 0";

    @Matrix(
            build = "14",
            nightly = {"15", "18"})
    void whateverIsAlteredTheTopicsTellTheTables(int version) throws Exception {
        TestDatabase database = database(version);
        for (String sort : List.of("live", "away")) {
            create(database, sort);
        }
        RunningConnector connector = connector(database, "publication.autocreate.mode=all_tables");
        connector.awaitSeam();
        try (Writer writer = new Writer(database, "live")) {
            alter(database, "live");
            writer.checkAtWork();
        }
        connector.awaitCaughtUp();
        awaitOffsets(cluster, connector);
        connector.stop();
        try (Writer writer = new Writer(database, "away")) {
            alter(database, "away");
            writer.checkAtWork();
        }
        connector.resume();
        cluster.awaitRunning(connector.name(), 1);
        connector.restartTask(0);
        connector.awaitCaughtUp();
        SchemaReplay replay = replay(connector);
        try (Connection session = database.connect()) {
            SourceTruth truth = new SourceTruth(session);
            for (String sort : List.of("live", "away")) {
                assertReplayed(truth, replay, connector, sort);
                assertTold(replay, connector, sort);
                assertRekeyed(cluster, connector, sort);
            }
        }
        replay(connector).assertExactOffsets();
        assertNewAreCopied(cluster, connector);
        assertThat(connector.status().anyFailed()).isFalse();
    }

    /** New tables wait for their copy, also if they have the names of earlier ones. */
    private static void assertNewAreCopied(ConnectCluster cluster, RunningConnector connector) throws Exception {
        assertThat(cluster.topics())
                .doesNotContain(connector.topic("public.live_born"), connector.topic("public.away_born"));
        connector.change("table.check.interval.ms", "500");
        for (String sort : List.of("live", "away")) {
            for (String table : List.of("_born", "_reborn")) {
                String name = sort + table;
                Eventually.holds(
                        name + " is copied",
                        () -> connector.generations(name).stream().anyMatch(generation -> generation > 1));
            }
        }
        connector.awaitSeam(connector.generations("live_reborn").stream()
                .max(Integer::compare)
                .orElseThrow());
        connector.awaitCaughtUp();
        SchemaReplay replay = replay(connector);
        try (Connection session = connector.database().connect()) {
            for (String sort : List.of("live", "away")) {
                for (String table : List.of("_born", "_reborn")) {
                    String name = "public." + sort + table;
                    replay.assertReplayed(new SourceTruth(session), name, connector.topic(name));
                }
                assertThat(replay.changes(connector.topic("public." + sort + "_reborn")))
                        .as("the second is another table")
                        .containsSubsequence("first_seen", "first_seen");
            }
        }
    }

    /** Only the task that wrote the first record of a shape knows its offset for sure: asked for before that task is stopped. */
    private static void awaitOffsets(ConnectCluster cluster, RunningConnector connector) {
        Eventually.holds(
                "offsets of changes are told",
                () -> replay(connector).assertExactOffsets() >= 10,
                () -> connector.control("schema_offsets").toString());
    }

    private static SchemaReplay replay(RunningConnector connector) {
        ConnectCluster cluster = connector.cluster();
        return new SchemaReplay(
                connector.database().name(),
                topic -> cluster.topics().contains(topic)
                        ? TopicReader.readAll(cluster.bootstrapServers(), topic)
                        : List.<ConsumerRecord<byte[], byte[]>>of());
    }

    private static void create(TestDatabase database, String sort) throws SQLException {
        execute(
                database,
                sort,
                "CREATE TYPE $_weather AS ENUM ('sun', 'rain')",
                "CREATE TABLE $_added (" + VALUES + ")",
                "CREATE TABLE $_dropped (" + VALUES + ", gone text DEFAULT 'x')",
                "CREATE TABLE $_renamed (" + VALUES + ", note text DEFAULT 'x')",
                "CREATE TABLE $_retyped (" + VALUES + ", w varchar(10) DEFAULT 'w', k int DEFAULT 7, t int DEFAULT 8)",
                "CREATE TABLE $_rekeyed (" + VALUES + ", code uuid NOT NULL DEFAULT gen_random_uuid())",
                "CREATE TABLE $_whole (" + VALUES + ", note text DEFAULT 'x')",
                "ALTER TABLE $_whole REPLICA IDENTITY FULL",
                "CREATE TABLE $_identity (" + VALUES + ", code uuid NOT NULL UNIQUE DEFAULT gen_random_uuid())",
                "CREATE TABLE $_moved (" + VALUES + ")",
                "CREATE TABLE $_elsewhere (" + VALUES + ")",
                "CREATE SCHEMA $_other",
                "CREATE SCHEMA $_from",
                "CREATE TABLE $_from.inside (" + VALUES + ")",
                "CREATE TABLE $_reborn (" + VALUES + ")",
                "CREATE TABLE $_doomed (" + VALUES + ")",
                "CREATE TABLE $_typed (" + VALUES + ", weather $_weather DEFAULT 'sun')");
        for (String table : Writer.TABLES) {
            execute(database, sort, "INSERT INTO $_" + table + " (id) SELECT generate_series(1, 20)");
        }
    }

    private static void alter(TestDatabase database, String sort) throws SQLException {
        alterColumns(database, sort);
        alterTables(database, sort);
    }

    private static void alterColumns(TestDatabase database, String sort) throws SQLException {
        execute(
                database,
                sort,
                "ALTER TABLE $_added ADD COLUMN note text DEFAULT 'none'; INSERT INTO $_added (id) VALUES (101)",
                "UPDATE $_added SET v = v + 1 WHERE id < 5",
                "ALTER TABLE $_added ADD COLUMN n int, ADD COLUMN m int NOT NULL DEFAULT 5",
                "UPDATE $_added SET n = 3 WHERE id IN (3, 7); INSERT INTO $_added (id) VALUES (102)",
                "UPDATE $_dropped SET gone = 'y' WHERE id < 5",
                "ALTER TABLE $_dropped DROP COLUMN gone",
                "UPDATE $_dropped SET v = v + 1 WHERE id IN (3, 7)",
                "ALTER TABLE $_dropped ADD COLUMN gone int; UPDATE $_dropped SET gone = 1 WHERE id IN (7, 9)",
                "UPDATE $_renamed SET v = v + 1 WHERE id < 5",
                "ALTER TABLE $_renamed RENAME note TO remark",
                "UPDATE $_renamed SET remark = 'r' WHERE id IN (3, 7)",
                "ALTER TABLE $_renamed ADD last int DEFAULT 1",
                "UPDATE $_renamed SET remark = 's' WHERE id IN (7, 9)",
                "ALTER TABLE $_renamed RENAME remark TO comment",
                "DELETE FROM $_renamed WHERE id IN (1, 3); UPDATE $_renamed SET v = v + 1 WHERE id = 9",
                "UPDATE $_retyped SET v = v + 1 WHERE id < 5",
                "ALTER TABLE $_retyped ALTER w TYPE text",
                "UPDATE $_retyped SET w = repeat('w', 20) WHERE id IN (3, 7)",
                "ALTER TABLE $_retyped ALTER k TYPE bigint",
                "UPDATE $_retyped SET k = 5000000000 WHERE id IN (7, 9)",
                "ALTER TABLE $_retyped ALTER t TYPE text USING t::text; UPDATE $_retyped SET t = 't' WHERE id = 9",
                "UPDATE $_rekeyed SET v = v + 1 WHERE id = 5",
                "ALTER TABLE $_rekeyed DROP CONSTRAINT $_rekeyed_pkey, ADD PRIMARY KEY (code)",
                "UPDATE $_rekeyed SET v = v + 1 WHERE id IN (5, 6); DELETE FROM $_rekeyed WHERE id = 6",
                "UPDATE $_whole SET v = v + 1 WHERE id < 5",
                "ALTER TABLE $_whole RENAME id TO key",
                "UPDATE $_whole SET v = v + 1 WHERE key IN (3, 7); DELETE FROM $_whole WHERE key IN (1, 7)");
    }

    private static void alterTables(TestDatabase database, String sort) throws SQLException {
        execute(
                database,
                sort,
                "UPDATE $_identity SET v = v + 1 WHERE id = 1",
                "ALTER TABLE $_identity REPLICA IDENTITY FULL",
                "UPDATE $_identity SET v = v + 1 WHERE id = 2",
                "ALTER TABLE $_identity REPLICA IDENTITY DEFAULT",
                "DELETE FROM $_identity WHERE id IN (2, 3)",
                "UPDATE $_moved SET v = v + 1 WHERE id < 5",
                "ALTER TABLE $_moved RENAME TO $_moved_on",
                "UPDATE $_moved_on SET v = v + 1 WHERE id IN (3, 7); DELETE FROM $_moved_on WHERE id IN (1, 7)",
                "UPDATE $_elsewhere SET v = v + 1 WHERE id < 5",
                "ALTER TABLE $_elsewhere SET SCHEMA $_other",
                "DELETE FROM $_other.$_elsewhere WHERE id IN (1, 7)",
                "UPDATE $_from.inside SET v = v + 1 WHERE id < 5",
                "ALTER SCHEMA $_from RENAME TO $_to",
                // PostgreSQL 14 tells of a renamed schema only when it describes the table for another reason.
                "ALTER TABLE $_to.inside ADD COLUMN later int; UPDATE $_to.inside SET later = 1 WHERE id IN (5, 9)",
                "UPDATE $_to.inside SET v = v + 1 WHERE id IN (3, 7); DELETE FROM $_to.inside WHERE id IN (1, 7)",
                "BEGIN; LOCK TABLE $_reborn; DELETE FROM $_reborn; DROP TABLE $_reborn; CREATE TABLE $_reborn (id text PRIMARY KEY, w int);"
                        + " INSERT INTO $_reborn VALUES ('a', 1), ('b', 2); COMMIT",
                "UPDATE $_reborn SET w = 3 WHERE id = 'b'",
                "BEGIN; CREATE TABLE $_kept (LIKE $_doomed INCLUDING ALL); LOCK TABLE $_doomed;"
                        + " INSERT INTO $_kept SELECT * FROM $_doomed; DROP TABLE $_doomed; COMMIT",
                "BEGIN; CREATE TYPE $_mood AS ENUM ('sad'); CREATE TABLE $_born (" + VALUES
                        + ", mood $_mood, w $_mood[]);" + " INSERT INTO $_born VALUES (1, 1, 'sad', '{sad}'); COMMIT",
                "ALTER TYPE $_mood ADD VALUE 'happy'",
                "INSERT INTO $_born VALUES (2, 1, 'happy', '{sad,happy}')",
                "CREATE DOMAIN $_small AS int CHECK (VALUE < 10)",
                "ALTER TABLE $_born ADD COLUMN small $_small; UPDATE $_born SET small = 3 WHERE id = 2",
                "UPDATE $_typed SET weather = 'rain' WHERE id < 5",
                "ALTER TABLE $_typed DROP COLUMN weather",
                "DROP TYPE $_weather; UPDATE $_typed SET v = v + 1 WHERE id = 5");
    }

    private static void execute(TestDatabase database, String sort, String... statements) throws SQLException {
        for (String statement : statements) {
            database.execute(statement.replace("$", sort));
        }
    }

    private static void assertReplayed(SourceTruth truth, SchemaReplay replay, RunningConnector connector, String sort)
            throws SQLException {
        for (String table : List.of(
                "public.$_added",
                "public.$_dropped",
                "public.$_renamed",
                "public.$_retyped",
                "public.$_whole",
                "public.$_identity",
                "public.$_moved_on",
                "$_other.$_elsewhere",
                "$_to.inside",
                "public.$_typed")) {
            String name = table.replace("$", sort);
            replay.assertReplayed(truth, name, connector.topic(name));
        }
        // Its changes are delivered although the table is gone, and stay.
        replay.assertReplayed(truth, sort + "_kept", connector.topic("public." + sort + "_doomed"));
    }

    private static void assertTold(SchemaReplay replay, RunningConnector connector, String sort) {
        assertThat(replay.changes(connector.topic("public." + sort + "_added")))
                .containsSubsequence("first_seen", "column_added", "column_added", "column_added");
        assertThat(replay.changes(connector.topic("public." + sort + "_whole"))).contains("column_renamed");
        assertThat(replay.changes(connector.topic("public." + sort + "_moved_on")))
                .contains("table_renamed");
        assertThat(replay.changes(connector.topic(sort + "_to.inside"))).contains("table_renamed");
        assertThat(replay.changes(connector.topic("public." + sort + "_rekeyed")))
                .contains("key_changed");
        assertThat(replay.changes(connector.topic("public." + sort + "_identity")))
                .containsSubsequence("replica_identity_changed", "replica_identity_changed");
    }

    /** Records before the change of the key have the old one, those after it the new one. */
    private static void assertRekeyed(ConnectCluster cluster, RunningConnector connector, String sort) {
        int before = 0;
        int after = 0;
        String topic = connector.topic("public." + sort + "_rekeyed");
        for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
            String key = new String(record.key(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(key).matches("\\{\"(id\":\\d+|code\":\"[0-9a-f-]+\")\\}");
            if (key.startsWith("{\"id\"")) {
                before++;
            } else {
                after++;
            }
        }
        assertThat(before).as("records with the old key").isGreaterThanOrEqualTo(21);
        assertThat(after).as("records with the new key").isGreaterThanOrEqualTo(3);
    }

    /** Updates rows of tables of one sort all the time, whatever their columns and names are. */
    private static final class Writer implements AutoCloseable {

        private static final List<String> TABLES = List.of(
                "added",
                "dropped",
                "renamed",
                "retyped",
                "rekeyed",
                "whole",
                "identity",
                "moved",
                "elsewhere",
                "from.inside",
                "reborn",
                "doomed",
                "typed");

        private final Connection session;
        private final Thread thread;
        private volatile boolean stopped;
        private volatile int updates;

        Writer(TestDatabase database, String sort) throws SQLException {
            session = database.connect();
            thread = new Thread(() -> write(sort), "writer " + sort);
            thread.start();
            Eventually.holds("the writer is at work", () -> updates > TABLES.size());
        }

        private void write(String sort) {
            for (int round = 0; !stopped; round++) {
                String table = TABLES.get(round % TABLES.size());
                try (Statement statement = session.createStatement()) {
                    updates += statement.executeUpdate("UPDATE " + sort + "_" + table
                            + " SET v = v + 1 WHERE v = (SELECT min(v) FROM " + sort + "_" + table + ")");
                } catch (SQLException e) {
                    // The table has another name by now, or is gone, or is altered in just this moment.
                    updates += 0;
                }
            }
        }

        void checkAtWork() {
            int before = updates;
            Eventually.holds("the writer is still at work", () -> updates > before);
        }

        @Override
        public void close() throws Exception {
            stopped = true;
            thread.join();
            session.close();
        }
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void tablesThatAreAlteredBetweenTheAnchorAndTheirCopyEndInTheTruth(Delivery delivery) throws Exception {
        TestDatabase database = database(18);
        Connection blocker = closing(database.connect());
        List<String> tables = List.of("added", "dropped", "renamed", "retyped", "compatible", "moved");
        for (String table : tables) {
            database.execute(
                    "CREATE TABLE " + table + " (" + VALUES + ", note varchar(40), n int)",
                    "INSERT INTO " + table + " SELECT i, 0, 'note ' || i, i FROM generate_series(1, 3000) i");
        }
        database.execute(
                "CREATE TABLE many (id int PRIMARY KEY, note text)",
                "INSERT INTO many SELECT i, repeat('many ' || i, 20) FROM generate_series(1, 20000) i");
        RunningConnector connector = heldConnector(cluster(delivery), database, RunningConnector.smallChunks());
        connector.awaitCopySession();
        alterInOneTransaction(blocker, tables);
        connector.hurry();
        JsonNode seam = connector.awaitSeam();
        assertThat(seam.path("generation").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(connector.control("misfit")).isNotEmpty();
        for (String table : tables) {
            String now = table.equals("moved") ? "moved_on" : table;
            database.execute("UPDATE " + now + " SET v = 3 WHERE id % 17 = 0");
        }
        connector.awaitCaughtUp();
        SchemaReplay replay = replay(connector);
        Connection session = closing(database.connect());
        SourceTruth truth = new SourceTruth(session);
        for (String table : List.of("added", "dropped", "renamed", "retyped", "compatible", "moved_on", "many")) {
            replay.assertReplayed(truth, table, connector.topic("public." + table));
        }
    }

    private static void alterInOneTransaction(Connection blocker, List<String> tables) throws SQLException {
        blocker.setAutoCommit(false);
        try (Statement statement = blocker.createStatement()) {
            for (String table : tables) {
                statement.execute("UPDATE " + table + " SET v = 1 WHERE id % 7 = 0");
            }
            statement.execute("ALTER TABLE added ADD COLUMN extra int DEFAULT 5");
            statement.execute("ALTER TABLE dropped DROP COLUMN note");
            statement.execute("ALTER TABLE renamed RENAME COLUMN note TO remark");
            statement.execute("ALTER TABLE retyped ALTER COLUMN n TYPE bigint");
            statement.execute("ALTER TABLE compatible ALTER COLUMN note TYPE text");
            statement.execute("ALTER TABLE moved RENAME TO moved_on");
            for (String table : tables) {
                String now = table.equals("moved") ? "moved_on" : table;
                statement.execute("UPDATE " + now + " SET v = 2 WHERE id % 11 = 0");
                statement.execute("DELETE FROM " + now + " WHERE id % 13 = 0");
            }
        }
        blocker.commit();
    }
}
