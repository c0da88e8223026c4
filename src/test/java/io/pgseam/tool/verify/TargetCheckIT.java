package io.pgseam.tool.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.record.flat.FlatRowEncoder;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.EmbeddedClickHouse;
import io.pgseam.testing.EmbeddedMariaDb;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.tool.CommandLineSession;
import io.pgseam.tool.CommandLineSession.Result;
import io.pgseam.tool.dialect.Shape;
import io.pgseam.tool.dialect.TargetColumn;
import io.pgseam.tool.target.Credentials;
import io.pgseam.tool.target.DatabaseKind;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.target.TargetAddress;
import io.pgseam.tool.target.TargetColumns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code verify --target} between a real PostgreSQL and a real target that is loaded by hand, so that each moment is certain: every type,
 * every kind of difference, and rows that change while they are compared.
 */
class TargetCheckIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A column of each kind of type: its type, a value, and the nearest other value. */
    private static final String[][] TYPES = {
        {"bool", "true", "false"},
        {"int2", "-32768", "-32767"},
        {"int4", "2147483647", "2147483646"},
        {"int8", "9007199254740993", "9007199254740992"},
        {"oid", "4294967295", "4294967294"},
        {"float4", "0.1", "0.10000001"},
        {"float8", "1e22", "1.0000000000000002e22"},
        {"numeric(12,2)", "-1234567890.10", "-1234567890.11"},
        {"numeric(70,30)", "1e39", "1000000000000000000000000000000000000000.000000000000000000000000000001"},
        {"numeric", "1.50", "1.5"},
        {"date", "9999-12-31", "9999-12-30"},
        {"timestamp", "2026-01-02 00:00:00.000001", "2026-01-02 00:00:00"},
        {"timestamptz", "1969-12-31 23:59:59.5+02", "1969-12-31 23:59:59.500001+02"},
        {"time", "24:00:00", "23:59:59.999999"},
        {"interval", "1 day 00:00:01", "1 day 00:00:02"},
        {"uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"},
        {"inet", "2001:db8::1/64", "2001:db8::2/64"},
        {"mood", "so-so", "good"},
        {"varchar(5)", "Ä\t\\\n\"", "Ä\t\\\n'"},
        {"char(4)", "ab", "ac"},
        {"text", "null", "NULL"},
        {"text", "", " "},
        {"bytea", "\\xdeadbeef5c30", "\\xdeadbeef5c31"},
        {
            "jsonb",
            "{\"b\": [1.50, null, \"é\\n\"], \"a\": 12345678901234567890}",
            "{\"b\": [1.51, null, \"é\\n\"], \"a\": 12345678901234567890}"
        },
        {"json", "{\"z\" : 1,  \"a\" : {\"x\": true}}", "{\"z\" : 1, \"a\" : {\"x\": false}}"},
        {"jsonb", "\"a text\"", "\"a Text\""},
        {"int4[]", "{1,NULL,3}", "{1,3,NULL}"},
        {"text[]", "{\"a,b\",\"\\\"q\\\"\",NULL,\"\"}", "{\"a,b\",\"\\\"q\\\"\",\"\",NULL}"},
        {"numeric(6,2)[]", "{1.50,2}", "{1.51,2}"},
        {"timestamptz[]", "{\"2026-01-02 03:04:05+00\"}", "{\"2026-01-02 03:04:05.000001+00\"}"},
        {"pair", "(1,\"x y\")", "(1,\"x z\")"},
        {"int4range", "[1,5)", "[1,6)"},
    };

    @TempDir
    Path directory;

    @Test
    void everyTypeOfClickHouse() throws Exception {
        try (EmbeddedClickHouse server = EmbeddedClickHouse.start(directory.resolve("data"));
                Target target = Target.open(
                        TargetAddress.parse(server.address(), null), new Credentials("default", "", false));
                TestDatabase database = PostgresServer.shared(18).createDatabase("target_clickhouse")) {
            createTypes(database);
            String configuration = configuration(database);
            Result made = run(
                    "clickhouse", "ddl", configuration, "--apply", "--target", server.address(), "--database", "hard");
            assertThat(made.status()).as(made.toString()).isZero();
            load(database, target, "hard");

            Result equal = verify(configuration, server.address(), "hard");
            assertThat(equal.status()).as(equal.toString()).isZero();
            assertThat(equal.out())
                    .contains("Verdict: equal. ClickHouse at 127.0.0.1")
                    .containsPattern("public\\.types +" + (TYPES.length + 2) + " +0 +0 +0 +0 +equal");
            for (int i = 0; i < TYPES.length; i++) {
                database.execute("UPDATE types SET c" + i + " = " + literal(TYPES[i][2]) + " WHERE id = " + i);
            }
            JsonNode types = table(verify(configuration, server.address(), "hard", "--json", "--limit", "100"), 1);
            assertThat(differences(types)).isEqualTo(differencesOfEachColumn());
            assertThat(compared(types, "exact"))
                    .contains("c0", "c7", "c8", "c9", "c12", "c15", "c22")
                    .doesNotContain("c5", "c23");
            assertThat(compared(types, "parsed")).contains("c5", "c6", "c23", "c26", "c30");
            assertThat(compared(types, "lossy")).isEmpty();

            target.execute("ALTER TABLE hard.types MODIFY COLUMN c7 Nullable(Decimal(12, 1))");
            database.execute("UPDATE types SET c7 = -1234567890.19 WHERE id = 7");
            JsonNode lossy = table(verify(configuration, server.address(), "hard", "--json", "--limit", "100"), 1);
            assertThat(compared(lossy, "lossy")).containsExactly("c7");
            assertThat(differences(lossy)).doesNotContainKey("{\"id\":7}");
            target.execute("ALTER TABLE hard.types DROP COLUMN c21");
            Result absent = verify(configuration, server.address(), "hard");
            assertThat(absent.status()).isEqualTo(1);
            assertThat(absent.out())
                    .contains("public.types: the target has no column c21: pgseam clickhouse migrate adds it");
        }
    }

    /** In row i every column but c_i is as in the target. */
    private static Map<String, String> differencesOfEachColumn() {
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < TYPES.length; i++) {
            expected.put("{\"id\":" + i + "}", "different [\"c" + i + "\"]");
        }
        return expected;
    }

    /** A row for each type, one of NULLs, and one whose values are special. */
    private static void createTypes(TestDatabase database) throws SQLException {
        database.execute("CREATE TYPE mood AS ENUM ('good', 'so-so')", "CREATE TYPE pair AS (number int, word text)");
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < TYPES.length; i++) {
            columns.add("c" + i + " " + TYPES[i][0]);
            values.add(literal(TYPES[i][1]));
        }
        database.execute(
                "CREATE TABLE types (id int PRIMARY KEY, " + String.join(", ", columns) + ")",
                "INSERT INTO types SELECT i, " + String.join(", ", values) + " FROM generate_series(0, "
                        + (TYPES.length - 1) + ") i",
                "INSERT INTO types (id) VALUES (1000)",
                "INSERT INTO types (id, c5, c6, c12, c10) VALUES (1001, 'NaN', '-0', 'infinity', '-infinity')");
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** What the topics bring to ClickHouse's tables, without Kafka. */
    private static void load(TestDatabase database, Target target, String to) throws Exception {
        PgSeamSettings settings = PgSeamSettings.parse(settings(database));
        try (SourceSnapshot source = SourceSnapshot.open(settings)) {
            for (CapturedTable table : source.tables()) {
                FlatRowEncoder encoder = new FlatRowEncoder(
                        table.id(),
                        table.columns(),
                        new FlatSettings(Set.of(), settings.flat().unrepresentable(), null),
                        new UnrepresentableValues(Clock.systemUTC()));
                StringBuilder rows = new StringBuilder();
                source.read(table, row -> {
                    String json = new String(encoder.upsert(row, 0, 0, false, 0), StandardCharsets.UTF_8);
                    rows.append(json, 0, json.length() - 1)
                            .append(",\"__lsn\":7,\"__seq\":0,\"__ver\":7,\"__deleted\":0}\n");
                });
                target.execute("INSERT INTO " + to + "." + table.id().name() + " FORMAT JSONEachRow\n" + rows);
            }
        }
    }

    @Test
    void differencesInBothModelsOfDeletes() throws Exception {
        try (EmbeddedClickHouse server = EmbeddedClickHouse.start(directory.resolve("data"));
                Target target = Target.open(
                        TargetAddress.parse(server.address(), null), new Credentials("default", "", false));
                TestDatabase database = PostgresServer.shared(18).createDatabase("target_deletes")) {
            database.execute(
                    "CREATE TABLE item (region text, at timestamptz, note text, PRIMARY KEY (region, at))",
                    "INSERT INTO item SELECT 'süd''\\', '2026-01-01 00:00:00+00'::timestamptz + i * interval '1 day',"
                            + " 'note ' || i FROM generate_series(0, 999) i");
            String configuration = configuration(database);
            for (String deletes : List.of("hard", "soft")) {
                Result made = run(
                        "clickhouse",
                        "ddl",
                        configuration,
                        "--apply",
                        "--target",
                        server.address(),
                        "--database",
                        deletes,
                        "--deletes",
                        deletes);
                assertThat(made.status()).as(made.toString()).isZero();
                load(database, target, deletes);
                Path state = directory.resolve(deletes + ".state");
                Result equal = verify(configuration, server.address(), deletes, "--state", state.toString());
                assertThat(equal.status()).as(equal.toString()).isZero();
                tamper(target, deletes + ".item");
                assertThat(verify(configuration, server.address(), deletes, "--state", state.toString())
                                .out())
                        .as("it is not read again")
                        .contains("public.item: found equal by an earlier run, as of LSN ");
                Result different = verify(configuration, server.address(), deletes);
                assertThat(different.status()).as(different.toString()).isEqualTo(1);
                assertThat(different.out())
                        .containsPattern("public\\.item +1,000 +\\d+ +1 +1 +1 +DIFFERENT")
                        .contains(
                                "public.item: different {\"region\":\"süd'\\\\\",\"at\":\"2026-01-02\"}: note\n",
                                "public.item: missing   {\"region\":\"süd'\\\\\",\"at\":\"2026-01-03\"}\n",
                                "public.item: extra     {\"region\":\"süd'\\\\\",\"at\":\"2031-01-01 00:00:00.5\"}\n");
                // A row that is always newer than any snapshot is neither equal nor different.
                target.execute("INSERT INTO " + deletes + ".item SELECT * REPLACE('other' AS note, "
                        + Long.MAX_VALUE + " AS __lsn, __ver + 5 AS __ver, 0 AS __deleted) FROM " + deletes
                        + ".item FINAL WHERE at = '2026-01-04 00:00:00'");
                JsonNode moving = table(verify(configuration, server.address(), deletes, "--json", "--rounds", "3"), 1);
                assertThat(moving.path("moving").asLong()).as(moving.toString()).isEqualTo(1);
                assertThat(moving.path("missing").asLong()).isEqualTo(1);
            }
        }
    }

    /** One row is changed, one deleted, one added. */
    private static void tamper(Target target, String table) {
        target.execute("INSERT INTO " + table + " SELECT * REPLACE('by hand' AS note, __ver + 1 AS __ver) FROM " + table
                + " FINAL WHERE at = '2026-01-02 00:00:00'");
        target.execute("INSERT INTO " + table + " SELECT * REPLACE(1 AS __deleted, __ver + 1 AS __ver) FROM " + table
                + " FINAL WHERE at = '2026-01-03 00:00:00'");
        target.execute(
                "INSERT INTO " + table + " SELECT * REPLACE(toDateTime64('2031-01-01 00:00:00.5', 6, 'UTC') AS at)"
                        + " FROM (SELECT * FROM " + table + " FINAL WHERE at = '2026-01-05 00:00:00')");
    }

    private static Target starRocks(EmbeddedMariaDb server) {
        return Target.open(
                new TargetAddress(DatabaseKind.STARROCKS, "127.0.0.1", server.port()),
                new Credentials("root", "", false));
    }

    /** MariaDB for StarRocks and Doris. What happens between two snapshots is done by the test. */
    @Test
    void rowsThatChangeWhileTheyAreCompared() throws Exception {
        try (EmbeddedMariaDb server = EmbeddedMariaDb.start(directory);
                Target target = starRocks(server);
                TestDatabase database = PostgresServer.shared(18).createDatabase("target_moving")) {
            database.execute(
                    "CREATE TABLE item (id bigint PRIMARY KEY, note text)",
                    "INSERT INTO item SELECT i, 'note' FROM generate_series(1, 9) i");
            target.execute("CREATE DATABASE shop CHARACTER SET utf8mb4");
            target.execute(
                    "CREATE TABLE shop.item (id BIGINT PRIMARY KEY, note LONGTEXT, `__lsn` BIGINT, `__seq` BIGINT)");
            target.execute("INSERT INTO shop.item SELECT seq, 'note', 7, 0 FROM shop.seq_1_to_9");
            PgSeamSettings settings = PgSeamSettings.parse(settings(database));
            TargetCheck check = new TargetCheck(target, settings.flat(), directory, Progress.NONE, 20);
            // Lacking in the target: 1 for good, 2 because it is deleted later, 3 because it comes back later. 4 has
            // changed, 5 and 6
            // are changed later, 7 is changed in the target only.
            target.execute("DELETE FROM shop.item WHERE id IN (1, 2, 3)");
            target.execute("UPDATE shop.item SET note = 'by hand' WHERE id = 7");
            TargetComparison comparison;
            try (SourceSnapshot source = SourceSnapshot.open(settings)) {
                database.execute("UPDATE item SET note = 'new' WHERE id IN (4, 5, 6)");
                Lsn changed = database.now();
                target.execute("UPDATE shop.item SET note = 'new', `__lsn` = " + changed.value() + ", `__seq` = 1"
                        + " WHERE id IN (4, 5, 6)");
                comparison = check.read(source, compared(source, target, "shop", "item"));
                assertThat(comparison.open()).as("1 to 7").isEqualTo(7);
            }
            database.execute("SELECT pg_switch_wal()");
            try (SourceSnapshot source = SourceSnapshot.open(settings)) {
                database.execute("DELETE FROM item WHERE id = 2", "UPDATE item SET note = 'newer' WHERE id IN (3, 5)");
                Lsn changed = database.now();
                target.execute("UPDATE shop.item SET note = 'newer', `__lsn` = " + changed.value() + " WHERE id = 5");
                check.lookUp(source, comparison);
                assertThat(comparison.open())
                        .as("1, 2 and 3 may be deleted, 5 is newer")
                        .isEqualTo(4);
                assertThat(comparison.result().different()).as("7").isEqualTo(1);
                target.execute("INSERT INTO shop.item VALUES (3, 'newer', " + changed.value() + ", 1)");
            }
            database.execute("SELECT pg_switch_wal()");
            try (SourceSnapshot source = SourceSnapshot.open(settings)) {
                check.lookUp(source, comparison);
            }
            TargetResult result = comparison.result();
            comparison.close();
            assertThat(result.moving()).isZero();
            assertThat(result.differences())
                    .extracting(difference -> difference.kind() + " " + difference.key() + " " + difference.columns())
                    .containsExactlyInAnyOrder("MISSING {\"id\":1} []", "DIFFERENT {\"id\":7} [note]");
        }
    }

    /** A table without a key is a multiset; in one text a row has what would end a line. */
    @Test
    void tablesWithoutAKeyAndTablesThatAreNotThere() throws Exception {
        try (EmbeddedMariaDb server = EmbeddedMariaDb.start(directory);
                Target target = starRocks(server);
                TestDatabase database = PostgresServer.shared(18).createDatabase("target_keyless")) {
            database.execute(
                    "CREATE TABLE log (line text, at timestamp)",
                    "INSERT INTO log VALUES ('same', NULL), ('same', NULL), (E'a\\tb\\n', '2026-01-01')",
                    "CREATE TABLE nowhere (id int PRIMARY KEY)",
                    "CREATE TABLE nothing (note text)");
            target.execute("CREATE DATABASE shop CHARACTER SET utf8mb4");
            target.execute("CREATE TABLE shop.log (line LONGTEXT, at DATETIME(6), `__lsn` BIGINT, `__seq` BIGINT)");
            target.execute("INSERT INTO shop.log VALUES ('same', NULL, 7, 0), ('same', NULL, 7, 0),"
                    + " ('a\\tb\\n', '2026-01-01', 7, 0), ('later', NULL, " + Long.MAX_VALUE + ", 1)");
            String address = "starrocks://127.0.0.1:" + server.port();
            String configuration = configuration(database);
            assertThat(verify(configuration, address, "shop", "public.log").status())
                    .isZero();
            target.execute("INSERT INTO shop.log VALUES ('same', NULL, 7, 0)");
            Result twice = verify(configuration, address, "shop", "public.log");
            assertThat(twice.status()).as(twice.toString()).isEqualTo(2);
            assertThat(twice.out()).contains("a row that was loaded twice cannot be told from two equal rows");
            target.execute("DELETE FROM shop.log WHERE line <> 'same'");
            assertThat(verify(configuration, address, "shop", "public.log").status())
                    .isEqualTo(1);
            Result absent = verify(configuration, address, "shop");
            assertThat(absent.status()).isEqualTo(1);
            assertThat(absent.out())
                    .contains(
                            "public.nowhere: there is no table shop.nowhere: pgseam starrocks ddl makes it",
                            "public.nothing: the table has no key, so that pgseam does not load it");
        }
    }

    private static ComparedTable compared(SourceSnapshot source, Target target, String database, String name) {
        CapturedTable table = source.tables().get(0);
        List<TargetColumn> columns = table.columns().stream()
                .map(column -> new TargetColumn(
                        column.name(), Shape.of(column.type(), column.modifier(), 0), column.isKey(), "", null))
                .toList();
        return ComparedTable.of(
                table, columns, target.kind(), database, name, TargetColumns.of(target, database, name));
    }

    private static JsonNode table(Result result, int status) {
        assertThat(result.status()).as(result.toString()).isEqualTo(status);
        return result.json().path("tables").path(0);
    }

    private static Map<String, String> differences(JsonNode table) {
        Map<String, String> found = new TreeMap<>();
        table.path("differences")
                .forEach(one ->
                        found.put(one.path("key").asText(), one.path("kind").asText() + " " + one.path("columns")));
        return found;
    }

    private static List<String> compared(JsonNode table, String precision) {
        return StreamSupport.stream(table.path("columns").spliterator(), false)
                .filter(column -> column.path("compared").asText().equals(precision))
                .map(column -> column.path("column").asText())
                .toList();
    }

    private static Result verify(String configuration, String address, String database, String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("verify", configuration, "--target", address, "--database", database, "--no-wait"));
        arguments.addAll(Arrays.asList(options));
        return run(arguments.toArray(String[]::new));
    }

    private static Result run(String... arguments) {
        return CommandLineSession.piped().run(arguments);
    }

    private static Map<String, String> settings(TestDatabase source) {
        Map<String, String> settings = ConnectorSettings.of(source);
        settings.put("name", source.name());
        return settings;
    }

    private String configuration(TestDatabase source) throws IOException {
        Path file = Files.createTempFile(directory, "connector", ".json");
        JSON.writeValue(file.toFile(), settings(source));
        return file.toString();
    }
}
