package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/**
 * COPY's rows of a real server, parsed and rendered, against what the server itself makes of the same values in JSON. Values of every type are
 * in RoundTripIT and in the table of types of CorporaIT.
 */
class FlatRowEncoderIT extends DatabaseScenario {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    @OnEachPostgres
    void everyCharacterArrivesInTextAndInArrays(int version) throws Exception {
        TestDatabase database = database(version);
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

    @OnEachPostgres
    void whatTheTargetCannotHoldIsFoundInWhatTheServerWrites(int version) throws Exception {
        TestDatabase database = database(version);
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
            assertThat(JSON.readTree(row)).isEqualTo(JSON.readTree("{\"d\":null,\"t\":null,\"z\":null,\"f\":null}"));
        }
    }

    @OnEachPostgres
    void rowsWithoutColumnsAreRowsToo(int version) throws Exception {
        TestDatabase database = database(version);
        assertThat(rows(database, List.of(), "SELECT FROM generate_series(1, 3)"))
                .hasSize(3);
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
}
