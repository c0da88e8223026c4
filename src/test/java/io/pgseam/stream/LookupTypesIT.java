package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups by keys of any type, and of values of any type. */
class LookupTypesIT extends LookupFixture {

    /** A type and some values of it, as they stand between quotes in SQL. */
    private static final List<String[]> KEYS = List.of(
            new String[] {"int2", "-32768", "7"},
            new String[] {"int8", "-9223372036854775808", "0"},
            new String[] {"numeric", "1.50", "NaN", "100000000000000000000000000.000001"},
            new String[] {"positive", "1.5", "2"},
            new String[] {"float8", "0.1", "NaN", "-Infinity", "1e300"},
            new String[] {"bool", "true", "false"},
            new String[] {"text", "it''s", "back\\slash", "\\''", "", "E''\\n", "süß 😀", "a\tb\nc", "$1 ? {x}", "NULL"
            },
            new String[] {"varchar(20)", "x ", "x"},
            new String[] {"char(10)", "x", "x y"},
            new String[] {"\"char\"", "x", "\\"},
            new String[] {"name", "a name"},
            new String[] {"extensions.citext", "Straße", "ABC"},
            new String[] {"\"odd '\\ one\".\"Mood '\\\"", "it''s", "back\\slash"},
            new String[] {"feeling", "it''s"},
            new String[] {"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
            new String[] {"date", "2020-02-29", "infinity", "0044-03-15 BC"},
            new String[] {"timestamp", "2020-02-29 12:00:00.123456", "-infinity"},
            new String[] {"timestamptz", "2020-02-29 12:00:00.5+05", "10000-01-01 00:00:00+00"},
            new String[] {"interval", "1 day -02:03:04", "1 mon"},
            new String[] {"bytea", "\\x00ff5c27", "\\x"},
            new String[] {"inet", "10.0.0.1", "10.0.0.1/8", "::1"},
            new String[] {"int[]", "{1,NULL,3}", "{}"},
            new String[] {"text[]", "{\"a\\\"b\",\"c''d\"}"},
            new String[] {"int4range", "[1,5)", "empty"},
            new String[] {"jsonb", "{\"a\": \"it''s \\\\\"}", "1"},
            new String[] {"bit(4)", "1010"},
            new String[] {"money", "12.34"},
            new String[] {"pair", "(1,\"x \"\"y\"\"\")"});

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void findsRowsByKeysOfAnyType(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE SCHEMA \"odd '\\ one\"",
                "CREATE SCHEMA extensions",
                "CREATE EXTENSION citext SCHEMA extensions",
                "CREATE TYPE \"odd '\\ one\".\"Mood '\\\" AS ENUM ('it''s', 'back\\slash')",
                "CREATE DOMAIN feeling AS \"odd '\\ one\".\"Mood '\\\"",
                "CREATE DOMAIN positive AS numeric(12,3) CHECK (VALUE > 0)",
                "CREATE TYPE pair AS (a int, b text)");
        List<String> statements = new ArrayList<>();
        for (int type = 0; type < KEYS.size(); type++) {
            String[] values = KEYS.get(type);
            statements.add("CREATE TABLE k" + type + " (k " + values[0] + ", n int, body text, PRIMARY KEY (n, k))");
            for (int value = 1; value < values.length; value++) {
                statements.add("INSERT INTO k" + type + " VALUES ('" + values[value] + "', " + value + ", 'body "
                        + value + "')");
            }
        }
        database.execute(statements.toArray(String[]::new));
        TableLookups reader = reader(database, "", "", MUCH);
        List<Lookup> lookups = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        try (Connection connection = new Sessions(database.connectionSettings()).open("text")) {
            for (int type = 0; type < KEYS.size(); type++) {
                CapturedRelation relation = relation(database, "k" + type);
                try (ResultSet rows = connection
                        .createStatement()
                        .executeQuery("SELECT format('%s', k), n::text FROM public.k" + type + " ORDER BY n")) {
                    while (rows.next()) {
                        lookups.add(lookup(relation, "body", rows.getString(1), rows.getString(2)));
                        expected.add("body " + rows.getString(2));
                    }
                }
            }
        }
        assertThat(answers(reader, lookups)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void findsByTheIndexAlsoWhereTheTypeIsThatOfAnExtension(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE EXTENSION citext",
                "CREATE TABLE word (w citext PRIMARY KEY, body text)",
                "INSERT INTO word SELECT 'Word ' || i, 'body ' || i FROM generate_series(1, 20000) i",
                "ANALYZE word");
        CapturedRelation relation = relation(database, "word");
        List<Lookup> lookups = Stream.iterate(1, i -> i + 37)
                .limit(500)
                .map(i -> lookup(relation, "body", "WORD " + i))
                .toList();
        long before = scans(database, "word");
        TableLookups reader = reader(database, "", "", MUCH);
        assertThat(answers(reader, lookups)).hasSize(500).doesNotContain(GONE);
        reader.close();
        Eventually.holds(
                "the server has counted its scans of the index",
                Duration.ofSeconds(90),
                () -> scans(database, "word_pkey") >= 500);
        assertThat(scans(database, "word")).as("sequential scans").isEqualTo(before);
    }

    private static long scans(TestDatabase database, String relation) throws SQLException {
        return Long.parseLong(database.queryOne("SELECT pg_stat_get_numscans('" + relation + "'::regclass)::text"));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void rendersValuesOfAnyTypeAsTheStreamDoes(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE v (id int PRIMARY KEY, a char(5), b bool, c inet, d text[], e bytea, f jsonb, g json, h xml,"
                        + " i timestamptz, j numeric(40,5), k text, l varchar(3), m bit varying(9))",
                "INSERT INTO v VALUES (1, 'x', true, '10.0.0.1', '{\"a\\\"\",NULL}', '\\x00ff', '{\"a\": 1}',"
                        + " '{\"a\" :  1}', '<a>b</a>', '2020-01-01 12:00+02', 1.5, E'tab\\tnew\\nback\\\\ \\\\. é', 'abc', '101')");
        CapturedRelation relation = relation(database, "v");
        TableLookups reader = reader(database, "", "", MUCH);
        List<String> columns =
                relation.columns().stream().skip(1).map(column -> column.name()).toList();
        List<Lookup> lookups =
                columns.stream().map(column -> lookup(relation, column, "1")).toList();
        List<String> expected = new ArrayList<>();
        try (Connection connection = new Sessions(database.connectionSettings()).open("text")) {
            for (String column : columns) {
                try (ResultSet row = connection
                        .createStatement()
                        .executeQuery("SELECT format('%s', " + column + ") FROM public.v")) {
                    row.next();
                    expected.add(row.getString(1));
                }
            }
        }
        assertThat(answers(reader, lookups)).isEqualTo(expected);
    }
}
