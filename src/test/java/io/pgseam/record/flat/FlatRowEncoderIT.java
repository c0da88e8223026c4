package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.TypeOids;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/** COPY's rows of a real server, parsed and rendered, against what the server itself makes of the same values in JSON. */
class FlatRowEncoderIT {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /**
     * Values of one type.
     *
     * @param type the type as the catalogue describes it
     * @param sql its name in SQL
     * @param oracle the server's JSON of a value, which stands for {@code %s}
     * @param literals values as SQL literals
     */
    private record Sample(PgType type, String sql, String oracle, List<String> literals) {}

    private static final List<Sample> SAMPLES = List.of(
            sample(SampleTypes.builtIn(TypeOids.INT2, "int2"), "int2", "to_json(%s)", "'-32768'", "'32767'"),
            sample(SampleTypes.INT4, "int4", "to_json(%s)", "'-2147483648'", "'0'"),
            sample(SampleTypes.INT8, "int8", "to_json(%s)", "'-9223372036854775808'", "'9223372036854775807'"),
            sample(SampleTypes.builtIn(TypeOids.OID, "oid"), "oid", "to_json(%s::int8)", "'4294967295'", "'0'"),
            sample(
                    SampleTypes.builtIn(TypeOids.FLOAT4, "float4"),
                    "float4",
                    "to_json(%s)",
                    "'0.1'",
                    "'-0'",
                    "'3.4028235e38'",
                    "'1e-45'"),
            sample(
                    SampleTypes.FLOAT8,
                    "float8",
                    "to_json(%s)",
                    "'0.1'",
                    "'1e-5'",
                    "'5e-324'",
                    "'1.7976931348623157e308'"),
            sample(SampleTypes.NUMERIC, "numeric", "to_json(%s::text)", "'1.10'", "'-1e-30'", "'1e100'"),
            sample(SampleTypes.BOOL, "bool", "to_json(%s)", "true", "false"),
            sample(
                    SampleTypes.TEXT,
                    "text",
                    "to_json(%s)",
                    "''",
                    "'\\N'",
                    "'\\.'",
                    "E'\\b\\f\\n\\r\\t\\v\\\\\"\\001\\037\\177'"),
            sample(SampleTypes.UUID, "uuid", "to_json(%s)", "'0d4b2a4e-3d3c-4f59-9b4e-2f0c0a8f5d11'"),
            sample(SampleTypes.DATE, "date", "to_json(%s::text)", "'0001-01-01'", "'9999-12-31'"),
            sample(SampleTypes.TIME, "time", "to_json(%s::text)", "'00:00'", "'23:59:59.999999'"),
            sample(
                    SampleTypes.TIMESTAMP,
                    "timestamp",
                    "to_json(%s::text)",
                    "'0001-01-01 00:00'",
                    "'9999-12-31 23:59:59.9'"),
            sample(
                    SampleTypes.TIMESTAMPTZ,
                    "timestamptz",
                    "to_json((%s AT TIME ZONE 'UTC')::text)",
                    "'2024-05-01 10:00:00.123+02'",
                    "'9999-12-31 23:59:59.999999+00'"),
            sample(SampleTypes.JSON, "json", "%s", "E'{\"a\" :\\n [1, \"\\\\u00e9 \\\\\\\\ \"]}'", "'null'", "'\"x\"'"),
            sample(
                    SampleTypes.JSONB,
                    "jsonb",
                    "%s",
                    "E'{\"a\" :\\n [1.50, \"\\\\u00e9 \\\\\\\\ \"]}'",
                    "'null'",
                    "'\"x\"'"),
            sample(
                    SampleTypes.BYTEA,
                    "bytea",
                    "to_json(replace(encode(%s, 'base64'), E'\\n', ''))",
                    "'\\x'",
                    "'\\x00ff7f80'",
                    "decode(repeat('5c0a09fe', 500), 'hex')"),
            sample(
                    SampleTypes.array(SampleTypes.INT4),
                    "int4[]",
                    "to_json(%s)",
                    "'{}'",
                    "'{1,NULL}'",
                    "'[0:2]={1,2,3}'",
                    "'[-1:0][2:2]={{1},{2}}'",
                    "'{{{{{{1,2}}}}}}'"),
            sample(
                    SampleTypes.array(SampleTypes.TEXT),
                    "text[]",
                    "to_json(%s)",
                    "ARRAY['', 'NULL', 'null', NULL, 'a b', '{', '}', ',', ';']",
                    "ARRAY[E'\\\\', '\"', E'\\\\\"', E'\\n\\t\\v\\001', 'é', '漢', '😀', ' ', E'\\\\N']",
                    "ARRAY[ARRAY['a', 'b'], ARRAY[NULL, '}']]"),
            sample(SampleTypes.array(SampleTypes.BOOL), "bool[]", "to_json(%s)", "'{t,f,NULL}'"),
            sample(
                    SampleTypes.array(SampleTypes.JSONB),
                    "jsonb[]",
                    "to_json(%s)",
                    "ARRAY['{\"a\": \"\\\\ \\\"\"}'::jsonb, 'null', NULL]"),
            sample(
                    SampleTypes.array(SampleTypes.BOX),
                    "box[]",
                    "(SELECT json_agg(b::text) FROM unnest(%s) AS b)",
                    "'{(2,2),(1,1);(4,4),(3,3)}'"),
            sample(SampleTypes.of(PgType.Kind.RANGE), "int4range", "to_json(%s::text)", "'[1,5)'", "'empty'"),
            sample(
                    SampleTypes.builtIn(1186, "interval"),
                    "interval",
                    "to_json(%s::text)",
                    "'1 year -2 days 03:04:05.6'"),
            sample(
                    SampleTypes.composite(SampleTypes.INT4, SampleTypes.TEXT, SampleTypes.array(SampleTypes.TEXT)),
                    "sample_row",
                    "to_json(%s)",
                    "'(1,\"a \\\\\"\"b\",)'",
                    "ROW(NULL, '', ARRAY['x\"', NULL, E'\\\\'])::sample_row"),
            sample(
                    SampleTypes.array(SampleTypes.composite(SampleTypes.INT4, SampleTypes.TEXT)),
                    "pair[]",
                    "to_json(%s)",
                    "ARRAY[ROW(1, E' \\\\\"\\n'), NULL, ROW(NULL, NULL)]::pair[]"),
            sample(SampleTypes.of(PgType.Kind.ENUM), "mood", "to_json(%s)", "'so \"so\"'"));

    @OnEachPostgres
    void valuesAreWhatTheServerSaysTheyAre(int version) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase()) {
            database.execute(
                    "CREATE TYPE mood AS ENUM ('so \"so\"')",
                    "CREATE TYPE sample_row AS (a int, gone int, b text, c text[])",
                    "ALTER TYPE sample_row DROP ATTRIBUTE gone",
                    "CREATE TYPE pair AS (a int, b text)",
                    "CREATE TABLE samples (id int PRIMARY KEY" + columnsOf(SAMPLES) + ")",
                    insert(SAMPLES));
            List<Column> columns = new ArrayList<>();
            columns.add(new Column("id", SampleTypes.INT4, -1, true, 1));
            for (int i = 0; i < SAMPLES.size(); i++) {
                columns.add(new Column("c" + i, SAMPLES.get(i).type(), -1, false, 0));
            }
            assertRowsEqual(database, columns, "SELECT * FROM public.samples ORDER BY id", oracle());
        }
    }

    @OnEachPostgres
    void everyCharacterArrivesInTextAndInArrays(int version) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase()) {
            // Without zero, which text cannot hold, and the surrogates; 997 a row, so that rows end at any plane.
            database.execute(
                    "CREATE TABLE texts AS SELECT (c / 997)::int AS id, string_agg(chr(c), '' ORDER BY c) AS whole,"
                            + " array_agg(chr(c) ORDER BY c) AS parts FROM generate_series(1, 1114111) AS c"
                            + " WHERE c NOT BETWEEN 55296 AND 57343 GROUP BY 1");
            List<Column> columns = List.of(
                    new Column("id", SampleTypes.INT4, -1, true, 1),
                    new Column("whole", SampleTypes.TEXT, -1, false, 0),
                    new Column("parts", SampleTypes.array(SampleTypes.TEXT), -1, false, 0));
            assertRowsEqual(
                    database,
                    columns,
                    "SELECT * FROM public.texts ORDER BY id",
                    "SELECT row_to_json(t)::text FROM public.texts t ORDER BY id");
        }
    }

    @OnEachPostgres
    void whatTheTargetCannotHoldIsFoundInWhatTheServerWrites(int version) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase()) {
            List<Column> columns = List.of(
                    new Column("d", SampleTypes.DATE, -1, false, 0),
                    new Column("t", SampleTypes.TIMESTAMP, -1, false, 0),
                    new Column("z", SampleTypes.TIMESTAMPTZ, -1, false, 0),
                    new Column("f", SampleTypes.FLOAT8, -1, false, 0));
            List<byte[]> rows = rows(
                    database,
                    columns,
                    "SELECT d::date, d::timestamp, d::timestamptz, f::float8 FROM (VALUES ('infinity', 'NaN'),"
                            + " ('-infinity', 'infinity'), ('0044-03-15 BC', '-infinity'), ('10000-01-01', 'NaN'),"
                            + " ('0001-12-31 BC', 'NaN'), ('294276-01-01', 'NaN')) AS v (d, f)");
            assertThat(rows).hasSize(6);
            for (byte[] row : rows) {
                assertThat(JSON.readTree(row))
                        .isEqualTo(JSON.readTree("{\"d\":null,\"t\":null,\"z\":null,\"f\":null}"));
            }
        }
    }

    @OnEachPostgres
    void rowsWithoutColumnsAreRowsToo(int version) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase()) {
            assertThat(rows(database, List.of(), "SELECT FROM generate_series(1, 3)"))
                    .hasSize(3);
        }
    }

    private static void assertRowsEqual(TestDatabase database, List<Column> columns, String query, String oracle)
            throws Exception {
        List<String> expected = database.query(oracle);
        List<byte[]> rows = rows(database, columns, query);
        assertThat(rows).hasSameSizeAs(expected);
        for (int i = 0; i < rows.size(); i++) {
            JsonNode actual = JSON.readTree(rows.get(i));
            JsonNode truth = JSON.readTree(expected.get(i));
            assertThat(actual.size()).isEqualTo(columns.size());
            for (Column column : columns) {
                assertThat(actual.get(column.name()))
                        .as("row %d, %s %s", i, column.name(), column.type().name())
                        .isEqualTo(truth.get(column.name()));
            }
        }
    }

    private static List<byte[]> rows(TestDatabase database, List<Column> columns, String query) throws Exception {
        FlatRowEncoder encoder = new FlatRowEncoder(
                new TableId("public", "samples"),
                columns,
                new FlatSettings(Set.of(), UnrepresentablePolicy.NULL, null),
                new UnrepresentableValues(Clock.systemUTC()));
        CopyRowParser parser = new CopyRowParser(columns.size());
        TextRow row = new TextRow();
        List<byte[]> rows = new ArrayList<>();
        try (PgConnection session = new Sessions(database.connectionSettings()).open("copy")) {
            CopyOut copy = session.getCopyAPI().copyOut("COPY (" + query + ") TO STDOUT");
            byte @Nullable [] line;
            while ((line = copy.readFromCopy()) != null) {
                parser.parse(line, 0, line.length, row);
                rows.add(encoder.upsert(row, 1, 0, true, 0));
            }
        }
        return rows;
    }

    private static Sample sample(PgType type, String sql, String oracle, String... literals) {
        return new Sample(type, sql, oracle, List.of(literals));
    }

    private static String columnsOf(List<Sample> samples) {
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < samples.size(); i++) {
            columns.append(", c").append(i).append(' ').append(samples.get(i).sql());
        }
        return columns.toString();
    }

    /** As many rows as the longest list of literals has, and one more of NULLs; shorter lists end in NULLs. */
    private static String insert(List<Sample> samples) {
        int most = samples.stream()
                .mapToInt(sample -> sample.literals().size())
                .max()
                .orElse(0);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i <= most; i++) {
            int row = i;
            rows.add(samples.stream()
                    .map(sample ->
                            row < sample.literals().size() ? sample.literals().get(row) : "NULL")
                    .collect(Collectors.joining(", ", "(" + row + ", ", ")")));
        }
        return rows.stream().map(row -> "INSERT INTO samples VALUES " + row).collect(Collectors.joining(";"));
    }

    /** A JSON object for each row, put together from the oracles of its columns. */
    private static String oracle() {
        StringBuilder object = new StringBuilder("SELECT '{\"id\":' || id");
        for (int i = 0; i < SAMPLES.size(); i++) {
            String value = String.format(SAMPLES.get(i).oracle(), "c" + i);
            object.append(" || ',\"c")
                    .append(i)
                    .append("\":' || coalesce((")
                    .append(value)
                    .append(")::text, 'null')");
        }
        return object.append(" || '}' FROM public.samples ORDER BY id").toString();
    }
}
