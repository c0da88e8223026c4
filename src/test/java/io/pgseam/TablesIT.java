package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Tables of all sorts through both phases: names, keys, inheritance, excluded columns, truncation. */
class TablesIT extends ConnectorScenario {

    @Matrix(
            build = "18",
            nightly = {"14", "15"})
    void namesMayBeAnythingThatPostgresAllows(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE SCHEMA \"Größe'n\"",
                "CREATE TABLE \"Größe'n\".\"Bestell-Übersicht\" (\"Id\" int, \"a.b\" text, \"😀 \"\"x\" text, \"select\" int,"
                        + " PRIMARY KEY (\"Id\", \"a.b\"))",
                "CREATE TABLE \"a.b\" (\"😀\" text PRIMARY KEY, \"{\"\"\\\" jsonb, \"O'Neil\" text)",
                "INSERT INTO \"Größe'n\".\"Bestell-Übersicht\" SELECT i, 'x\"' || i, E'\\t\\\\😀', i FROM"
                        + " generate_series(1, 100) i",
                "INSERT INTO \"a.b\" VALUES ('schlüssel \"1\"', '{\"ä\": [1, null]}', ''), ('\\', NULL, E'\\n')");
        RunningConnector connector = connector(database, RunningConnector.smallChunks());
        JsonNode seam = connector.awaitSeam();
        database.execute(
                "UPDATE \"Größe'n\".\"Bestell-Übersicht\" SET \"a.b\" = \"a.b\" || '\\' WHERE \"Id\" % 2 = 0",
                "DELETE FROM \"Größe'n\".\"Bestell-Übersicht\" WHERE \"Id\" % 3 = 0",
                "UPDATE \"a.b\" SET \"😀\" = \"😀\" || '😀'",
                "INSERT INTO \"a.b\" VALUES ('😀', '{\"😀\": \"😀\"}', '😀')");
        assertReplayed(
                database,
                connector,
                seam,
                List.of("\"Größe'n\".\"Bestell-Übersicht\"", "\"a.b\""),
                List.of("Größe'n.Bestell-Übersicht", "public.a.b"));
    }

    /** Compares each table with the topic that the control topic names for it. */
    private void assertReplayed(
            TestDatabase database, RunningConnector connector, JsonNode seam, List<String> tables, List<String> names)
            throws Exception {
        connector.awaitCaughtUp();
        List<JsonNode> planned = connector.control("table");
        try (Connection connection = database.connect()) {
            SourceTruth truth = new SourceTruth(connection);
            for (int i = 0; i < tables.size(); i++) {
                String name = names.get(i);
                String topic = planned.stream()
                        .filter(table -> table.path("published_as").asText().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(name + " is not among " + planned))
                        .path("topic")
                        .asText();
                assertThat(seam.path("topics").has(topic)).as(topic).isTrue();
                Replay replay = new Replay().apply(TopicReader.readAll(cluster.bootstrapServers(), topic));
                replay.assertConsistent();
                replay.assertNoDuplicates();
                truth.assertReplayed(tables.get(i), replay, topic);
            }
        }
    }

    @Matrix(build = "18", nightly = "14")
    void everyFormOfTableAndKeyIsCopiedAndStreamed(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TYPE level AS ENUM ('a', 'b \"', 'ç', 'd''s', 'e', 'f')",
                "CREATE DOMAIN short AS varchar(20)",
                "CREATE DOMAIN code AS short CHECK (VALUE <> '')");
        List<String> tables = new ArrayList<>(createKeyedTables(database));
        createWideTable(database);
        database.execute(
                "CREATE TABLE parent (id int PRIMARY KEY, dropped text, a text)",
                "CREATE TABLE child (b int, PRIMARY KEY (id)) INHERITS (parent)",
                "ALTER TABLE parent DROP COLUMN dropped",
                "INSERT INTO parent SELECT i, 'p' FROM generate_series(1, 20) i",
                "INSERT INTO child SELECT i, 'c', i FROM generate_series(11, 30) i",
                "CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int,"
                        + " twice int GENERATED ALWAYS AS (a * 2) STORED)",
                "INSERT INTO counted (a) SELECT generate_series(1, 20)",
                "CREATE TABLE keyless (a int, b text)",
                "ALTER TABLE keyless REPLICA IDENTITY FULL",
                "INSERT INTO keyless VALUES (1, 'x'), (1, 'x'), (2, 'y')");
        RunningConnector connector = connector(database);
        connector.awaitSeam();
        for (String table : tables) {
            database.execute(
                    "UPDATE " + table + " SET note = 'm' WHERE k = (SELECT k FROM " + table + " LIMIT 1)",
                    "DELETE FROM " + table + " WHERE ctid = (SELECT max(ctid) FROM " + table + ")");
        }
        database.execute(
                "UPDATE by_numeric SET k = k + 1000",
                // Equal for PostgreSQL, and not the same text.
                "INSERT INTO by_numeric VALUES ('n', 5.0)",
                "UPDATE by_numeric SET k = 5.00 WHERE k = 5",
                "UPDATE by_timestamptz SET k = k + interval '1 microsecond'",
                "UPDATE wide SET " + wideColumn(1_600) + " = -1 WHERE " + wideColumn(1) + " % 2 = 0",
                "UPDATE parent SET a = 'q' WHERE id % 5 = 0",
                "DELETE FROM ONLY parent WHERE id % 4 = 0",
                "UPDATE child SET b = NULL WHERE id % 3 = 0",
                "UPDATE counted SET a = a + 100 WHERE id > 10",
                "UPDATE keyless SET b = 'z' WHERE a = 2",
                "UPDATE keyless SET b = b WHERE a = 1",
                "DELETE FROM keyless WHERE ctid = (SELECT min(ctid) FROM keyless WHERE a = 1)");
        tables.addAll(List.of("wide", "child", "counted"));
        Replay replay = connector.awaitReplayed(
                tables.stream().map(table -> "public." + table).toArray(String[]::new));
        String parent = connector.topic("public.parent");
        try (Connection connection = database.connect()) {
            new SourceTruth(connection)
                    .assertReplayed(
                            "parent",
                            "tableoid = 'parent'::regclass",
                            Set.of(),
                            connector.replay("public.parent"),
                            parent);
        }
        assertThat(countedRows(connector.topic("public.keyless")))
                .isEqualTo(Map.of("{\"a\":1,\"b\":\"x\"", 1, "{\"a\":2,\"b\":\"z\"", 1));
    }

    /** Tables {@code by_<type>} with a key {@code k} of that type. */
    private static List<String> createKeyedTables(TestDatabase database) throws Exception {
        Map<String, String> keys = Map.of(
                "uuid", "md5(i::text)::uuid",
                "numeric", "i / 7.0",
                "timestamptz", "timestamptz '2024-03-31 00:00+00' + i * interval '13 minutes'",
                "bytea", "decode(md5(i::text), 'hex')",
                "level", "(enum_range(NULL::level))[i]",
                "code", "'c''\"\\' || i",
                "date", "date '2024-01-01' + i",
                "boolean", "i = 1");
        List<String> tables = new ArrayList<>();
        for (Map.Entry<String, String> key : keys.entrySet()) {
            String table = "by_" + key.getKey();
            int rows = key.getKey().equals("boolean") ? 2 : 6;
            database.execute(
                    "CREATE TABLE " + table + " (note text, k " + key.getKey() + " PRIMARY KEY)",
                    "INSERT INTO " + table + " SELECT 'n', " + key.getValue() + " FROM generate_series(1, " + rows
                            + ") i");
            tables.add(table);
        }
        return tables;
    }

    /** As many columns as there can be, with names as long as they can be. */
    private static void createWideTable(TestDatabase database) throws Exception {
        StringBuilder columns = new StringBuilder();
        for (int column = 1; column <= 1_600; column++) {
            columns.append(column == 1 ? "" : " int, ").append(wideColumn(column));
        }
        database.execute(
                "CREATE TABLE wide (" + columns + " int, PRIMARY KEY (" + wideColumn(1) + "))",
                "INSERT INTO wide (" + wideColumn(1) + ", " + wideColumn(1_600) + ") SELECT i, i FROM"
                        + " generate_series(1, 50) i");
    }

    private static String wideColumn(int number) {
        return "c%04d_".formatted(number) + "x".repeat(57);
    }

    /** How often a topic without keys has each row: whoever counts whole rows has the table, too. */
    private Map<String, Integer> countedRows(String topic) {
        Map<String, Integer> rows = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
            assertThat(record.key()).isNull();
            String value = new String(record.value(), StandardCharsets.UTF_8);
            rows.merge(
                    value.substring(0, value.indexOf(",\"__op")), value.contains("\"__op\":0") ? 1 : -1, Integer::sum);
        }
        rows.values().removeIf(count -> count == 0);
        return rows;
    }

    @Test
    void excludedColumnsStayOutInBothPhases() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE person (secret text, id int PRIMARY KEY, name text, twice int GENERATED ALWAYS AS (id * 2)"
                        + " STORED, other text)",
                "ALTER TABLE person ALTER secret SET STORAGE EXTERNAL, ALTER name SET STORAGE EXTERNAL",
                "INSERT INTO person (secret, id, name, other) SELECT repeat('s', 3000), i, repeat('n', 3000), 'o'"
                        + " FROM generate_series(1, 100) i");
        RunningConnector connector = connector(database, "column.exclude.list=public.person.secret");
        connector.awaitSeam();
        database.execute(
                "UPDATE person SET other = 'p' WHERE id <= 50",
                "UPDATE person SET secret = 't' WHERE id > 90",
                "UPDATE person SET id = -id WHERE id = 7",
                "DELETE FROM person WHERE id = 8");
        connector.awaitCaughtUp();
        Replay replay = connector.replay("public.person");
        Connection connection = closing(database.connect());
        new SourceTruth(connection)
                .assertReplayed("person", Set.of("secret"), replay, connector.topic("public.person"));
    }

    @Test
    void aTruncateIsNeverPassedOver() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE logged (id int PRIMARY KEY)",
                "INSERT INTO logged VALUES (1), (2)",
                "CREATE TABLE other (id int PRIMARY KEY)");
        RunningConnector logs = connector(database, "truncate.policy=log");
        RunningConnector fails = another(database, "truncated_fail", "truncate.policy=fail");
        logs.awaitSeam();
        fails.awaitSeam();
        database.execute("TRUNCATE logged, other", "INSERT INTO logged VALUES (3)");

        logs.awaitCaughtUp();
        assertThat(logs.control("truncate"))
                .extracting(truncate -> truncate.path("table").asText())
                .containsExactlyInAnyOrder("logged", "other");
        assertThat(logs.rows("public.logged")).hasSize(3);
        fails.awaitTraces("Table public.logged was truncated", "truncate.policy=log");

        // As the message says: with the other policy the stream goes on where it stopped.
        fails.change("truncate.policy", "log");
        fails.awaitCaughtUp();
        assertThat(fails.rows("public.logged")).hasSize(3);
        assertThat(fails.control("truncate")).hasSize(2);
    }

    @Test
    void tombstonesFollowDeletesOnRequest() throws Exception {
        TestDatabase database = database(14);
        database.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 10)");
        RunningConnector connector = connector(database, "tombstones.on.delete=true");
        connector.awaitSeam();
        database.execute("DELETE FROM t WHERE id <= 4", "UPDATE t SET id = 50 WHERE id = 5");
        connector.awaitReplayed("public.t");
        assertThat(connector.records("public.t"))
                .filteredOn(record -> record.value() == null)
                .hasSize(5);
    }
}
