package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.SchemaReplay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Tables, columns and types of rare forms, through one connector: the topics equal the tables. */
class UnusualTablesIT extends ConnectorScenario {

    private static final int DROPPED = 700;

    private static final String[] COLUMNS = {
        "CREATE TABLE thinned (id int PRIMARY KEY, " + columns("c%d int DEFAULT 1") + ", last text)",
        "INSERT INTO thinned (id, last) SELECT i, 'before' FROM generate_series(1, 5) i",
        "ALTER TABLE thinned " + columns("DROP COLUMN c%d"),
        "ALTER TABLE thinned ADD COLUMN fresh text DEFAULT 'fresh'",
        "INSERT INTO thinned SELECT i, 'after' FROM generate_series(6, 9) i",
        "CREATE TABLE fast (id int PRIMARY KEY, v text)",
        "INSERT INTO fast SELECT i, 'v' FROM generate_series(1, 9) i",
        "ALTER TABLE fast ADD COLUMN d text DEFAULT 'fast', ADD COLUMN n int NOT NULL DEFAULT 5",
        "CREATE TABLE fast_whole (LIKE fast INCLUDING CONSTRAINTS INCLUDING INDEXES)",
        "ALTER TABLE fast_whole DROP COLUMN d, DROP COLUMN n",
        "INSERT INTO fast_whole SELECT i, 'v' FROM generate_series(1, 9) i",
        "ALTER TABLE fast_whole ADD COLUMN d text DEFAULT 'fast', ADD COLUMN n int NOT NULL DEFAULT 5",
        "ALTER TABLE fast_whole REPLICA IDENTITY FULL"
    };

    /** The key is stored apart from the row, and an update that leaves it alone does not name it in the new row. */
    private static final String[] LARGE_KEYS = {
        "CREATE TABLE large (k text PRIMARY KEY, n int, v text)",
        "ALTER TABLE large ALTER k SET STORAGE EXTERNAL, ALTER v SET STORAGE EXTERNAL",
        "CREATE TABLE large_whole (LIKE large INCLUDING ALL)",
        "ALTER TABLE large_whole REPLICA IDENTITY FULL",
        "CREATE TABLE large_pair (id int, k text, n int, v text, PRIMARY KEY (k, id))",
        "ALTER TABLE large_pair ALTER k SET STORAGE EXTERNAL",
        "CREATE VIEW rows AS SELECT i, (SELECT string_agg(md5(i || '-' || j), '') FROM generate_series(1, 75) j) AS k,"
                + " repeat('v', 3000) AS v FROM generate_series(1, 12) i",
        "INSERT INTO large SELECT k, i, v FROM rows",
        "INSERT INTO large_whole SELECT k, i, v FROM rows",
        "INSERT INTO large_pair SELECT i, k, i, 'v' FROM rows"
    };

    private static final String[] TYPES = {
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        "CREATE TABLE moods (id int PRIMARY KEY, m mood, ms mood[])",
        "INSERT INTO moods SELECT i, 'sad', '{sad,glad}' FROM generate_series(1, 4) i",
        "CREATE TYPE point_of AS (x int, y int)",
        "CREATE TABLE points (id int PRIMARY KEY, p point_of)",
        "INSERT INTO points VALUES (1, (1, 2)), (2, (3, 4))",
        "CREATE DOMAIN ints AS int[]",
        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE DOMAIN whole_pair AS pair CHECK ((VALUE).a IS NOT NULL)",
        "CREATE TYPE level AS ENUM ('low', 'high')",
        "CREATE TYPE spanrange AS RANGE (subtype = float8)",
        "CREATE TYPE levelrange AS RANGE (subtype = level)",
        "CREATE TABLE nested (id int PRIMARY KEY, a ints, aa ints[], d positive[], p whole_pair, ps whole_pair[],"
                + " r spanrange, rs spanrange[], m spanmultirange, l levelrange)",
        nested(1)
    };

    private static final String[] RENAMED = {
        "CREATE TABLE one (id int PRIMARY KEY, v text)",
        "INSERT INTO one SELECT i, 'old' FROM generate_series(1, 5) i",
        "CREATE TABLE two (id int PRIMARY KEY, v text)",
        "INSERT INTO two SELECT i, 'old' FROM generate_series(1, 5) i",
        "CREATE TABLE plain (id int PRIMARY KEY)",
        "INSERT INTO plain VALUES (1)"
    };

    private static final String[] CHANGED_COLUMNS = {
        "UPDATE thinned SET last = 'changed' WHERE id % 2 = 0",
        "ALTER TABLE thinned DROP COLUMN fresh, ADD COLUMN fresher text DEFAULT 'fresher'",
        "INSERT INTO thinned VALUES (10, 'new', 'x')",
        "UPDATE thinned SET fresher = 'y' WHERE id = 3",
        "DELETE FROM thinned WHERE id IN (1, 6)"
    };

    private static final String[] CHANGED_DEFAULTS = {
        "UPDATE $ SET v = 'u' WHERE id = 1",
        "ALTER TABLE $ ALTER d DROP DEFAULT, ALTER n DROP DEFAULT",
        "UPDATE $ SET v = 'u' WHERE id = 2",
        "INSERT INTO $ (id, n) VALUES (10, 0)",
        "UPDATE $ SET id = -id WHERE id = 3",
        "DELETE FROM $ WHERE id = 4",
        // The catalogue never shows the default that the older rows have.
        "BEGIN; ALTER TABLE $ ADD COLUMN later text DEFAULT 'first'; ALTER TABLE $ ALTER later SET DEFAULT 'second';"
                + " UPDATE $ SET v = 'w' WHERE id = 5; INSERT INTO $ (id, n) VALUES (11, 0); COMMIT",
        "BEGIN; ALTER TABLE $ ADD COLUMN last int DEFAULT 7; ALTER TABLE $ ALTER last DROP DEFAULT;"
                + " UPDATE $ SET v = 'x' WHERE id = 6; INSERT INTO $ (id, n) VALUES (12, 0); COMMIT"
    };

    private static final String[] CHANGED_KEYS = {
        "UPDATE $ SET n = n + 100",
        "UPDATE $ SET v = 'small' WHERE n % 3 = 0",
        "UPDATE $ SET k = 'short ' || n WHERE n IN (101, 102)",
        "UPDATE $ SET n = n + 100, v = repeat('w', 2500) WHERE n = 101",
        "DELETE FROM $ WHERE n IN (102, 105, 106)",
        "BEGIN; UPDATE $ SET k = k || 'x' WHERE n = 107; UPDATE $ SET n = 0 WHERE n = 107; COMMIT"
    };

    private static final String[] CHANGED_TYPES = {
        "UPDATE moods SET m = 'glad' WHERE id = 1",
        "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
        "ALTER TYPE mood ADD VALUE 'new' BEFORE 'glad'",
        "INSERT INTO moods VALUES (5, 'new', '{new,blue}')",
        "UPDATE moods SET m = m",
        "BEGIN; ALTER TABLE moods ALTER m TYPE text, ALTER ms TYPE text[]; DROP TYPE mood;"
                + " CREATE TYPE mood AS ENUM ('other', 'blue', 'glad', 'new');"
                + " ALTER TABLE moods ALTER m TYPE mood USING m::mood, ALTER ms TYPE mood[] USING ms::mood[];"
                + " INSERT INTO moods VALUES (6, 'other', '{other}'); COMMIT",
        "UPDATE moods SET m = 'other' WHERE id = 2",
        "BEGIN; ALTER TABLE points DROP COLUMN p; DROP TYPE point_of; CREATE TYPE point_of AS (y text, x int, z bool);"
                + " ALTER TABLE points ADD COLUMN p point_of; UPDATE points SET p = ('a', 1, true) WHERE id = 1; COMMIT",
        "UPDATE points SET p = ('b', 2, false) WHERE id = 2",
        nested(2)
    };

    private static final String[] RENAMES = {
        "BEGIN; INSERT INTO one VALUES (100, 'old'); ALTER TABLE one RENAME TO one_old;"
                + " CREATE TABLE one (id int PRIMARY KEY, v text); INSERT INTO one VALUES (1, 'new'), (200, 'new');"
                + " INSERT INTO one_old VALUES (101, 'old, renamed'); COMMIT",
        "UPDATE one SET v = 'newer' WHERE id = 200",
        "INSERT INTO two VALUES (100, 'old')",
        "ALTER TABLE two RENAME TO two_old",
        "INSERT INTO two_old VALUES (101, 'old, renamed')",
        "CREATE TABLE two (id int PRIMARY KEY, v text)",
        "INSERT INTO two VALUES (1, 'new'), (200, 'new')",
        "UPDATE two SET v = 'newer' WHERE id = 200",
        // So that the topics of the new names have every row.
        "UPDATE one_old SET v = v || '!'",
        "UPDATE two_old SET v = v || '!'",
        "ALTER TABLE plain RENAME TO new_seam",
        "INSERT INTO new_seam VALUES (2)"
    };

    @Test
    void theTopicsEqualTheTables() throws Exception {
        TestDatabase database = database(18, COLUMNS);
        database.execute(LARGE_KEYS);
        database.execute(TYPES);
        database.execute(RENAMED);
        RunningConnector connector = connector(
                database,
                "publication.autocreate.mode=all_tables",
                "table.check.interval.ms=500",
                "topic.mapping=public\\.new_(.*):${prefix}.$1");
        connector.awaitSeam();
        database.execute(CHANGED_COLUMNS);
        for (String table : List.of("fast", "fast_whole")) {
            execute(database, table, CHANGED_DEFAULTS);
        }
        for (String table : List.of("large", "large_whole", "large_pair")) {
            execute(database, table, CHANGED_KEYS);
        }
        database.execute(CHANGED_TYPES);
        database.execute(RENAMES);
        awaitNewTables(connector);
        connector.awaitReplayed(
                "public.large",
                "public.large_whole",
                "public.large_pair",
                "public.moods",
                "public.one_old",
                "public.two_old");
        assertAltered(connector);
        assertTypes(connector);
        assertRenamed(connector, "one");
        assertRenamed(connector, "two");
        assertSetAside(connector);
        assertThat(connector.status().allRunning()).isTrue();
    }

    private static String columns(String form) {
        return IntStream.rangeClosed(1, DROPPED).mapToObj(form::formatted).collect(Collectors.joining(", "));
    }

    private static String nested(int id) {
        return "INSERT INTO nested VALUES (" + id + ", '{1,NULL,3}', ARRAY['{1,2}'::ints, '{3}'::ints], '{1,2}',"
                + " ROW(1, 'x,\"y'), ARRAY[ROW(2, NULL)::pair, ROW(3, '')]::whole_pair[], '[1.5,2.5)',"
                + " ARRAY['[1,2)', '(,)', 'empty']::spanrange[], '{[1,2),[3,4)}', '[low,high]')";
    }

    private static void execute(TestDatabase database, String table, String... statements) throws Exception {
        database.execute(Stream.of(statements)
                .map(statement -> statement.replace("$", table))
                .toArray(String[]::new));
    }

    private static void awaitNewTables(RunningConnector connector) {
        for (String table : List.of("one", "two")) {
            Eventually.holds(
                    "the new table " + table + " is copied",
                    () -> connector.generations(table).stream().anyMatch(generation -> generation > 1));
        }
        connector.awaitSeam(Stream.of("one", "two")
                .flatMap(table -> connector.generations(table).stream())
                .max(Comparator.naturalOrder())
                .orElseThrow());
    }

    private static void assertAltered(RunningConnector connector) throws Exception {
        ConnectCluster cluster = connector.cluster();
        SchemaReplay replay = new SchemaReplay(
                connector.database().name(),
                topic -> cluster.topics().contains(topic)
                        ? TopicReader.readAll(cluster.bootstrapServers(), topic)
                        : List.<ConsumerRecord<byte[], byte[]>>of());
        try (var session = connector.database().connect()) {
            SourceTruth truth = new SourceTruth(session);
            for (String table : List.of("public.thinned", "public.fast", "public.fast_whole")) {
                replay.assertReplayed(truth, table, connector.topic(table));
            }
        }
    }

    /** What is copied and what is streamed is the same. */
    private static void assertTypes(RunningConnector connector) {
        List<String> nested = connector.values("public.nested").stream()
                .map(value -> value.substring(value.indexOf(',') + 1, value.indexOf(",\"__op\"")))
                .toList();
        assertThat(nested).hasSize(2);
        assertThat(nested.get(0))
                .isEqualTo(nested.get(1))
                .startsWith("\"a\":[1,null,3],\"aa\":[[1,2],[3]],\"d\":[1,2],\"p\":{\"a\":1,\"b\":\"x,\\\"y\"},"
                        + "\"ps\":[{\"a\":2,\"b\":null},{\"a\":3,\"b\":\"\"}],\"r\":\"[1.5,2.5)\",");
        assertThat(connector.rows("public.points").values().stream()
                        .map(row -> row.path("p").toString()))
                .containsExactlyInAnyOrder("{\"y\":\"a\",\"x\":1,\"z\":true}", "{\"y\":\"b\",\"x\":2,\"z\":false}");
    }

    /** The rows of the renamed table stay in its topic, but none in place of the new table's. */
    private static void assertRenamed(RunningConnector connector, String table) throws Exception {
        Map<JsonNode, JsonNode> rows = connector.rows("public." + table);
        assertThat(rows.values().stream().map(row -> row.path("v").asText()).filter(value -> value.startsWith("new")))
                .containsExactlyInAnyOrder("new", "newer");
        assertThat(rows.values().stream()
                        .filter(row -> row.path("v").asText().equals("old"))
                        .map(row -> row.path("id").asInt()))
                .containsExactlyInAnyOrder(2, 3, 4, 5, 100);
    }

    /** By its new name its topic would be the control topic. */
    private static void assertSetAside(RunningConnector connector) {
        Eventually.holds(
                "the renamed table is set aside",
                () -> connector.control("set_aside").stream()
                        .anyMatch(aside -> aside.path("table").asText().equals("new_seam")
                                && aside.path("reason").asText().equals("topic")
                                && aside.path("detail")
                                        .asText()
                                        .contains("the control topic " + connector.topic("seam"))),
                () -> connector.control("set_aside").toString());
        assertThat(connector.messages("seam"))
                .allSatisfy(record ->
                        assertThat(ExactJson.of(record.value()).has("type")).isTrue());
    }
}
