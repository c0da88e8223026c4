package io.pgseam.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.testing.EnvelopeTwins;
import io.pgseam.testing.Extent;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/**
 * Values of every type in Debezium's envelope: the JSON that the connector writes has the bytes that JsonConverter makes of Debezium's
 * records, under each setting of the values' forms. No Kafka is needed: Debezium's records are compared with those of its connector in
 * {@code DebeziumOracleIT}.
 */
class EnvelopeBytesIT {

    private static final int ROWS = Extent.ofThisRun(40, 300);

    /** Every value of every setting is in at least one of them. */
    private static final List<Map<String, String>> VARIANTS = List.of(
            Map.of(),
            Map.of(
                    "decimal.handling.mode", "string",
                    "time.precision.mode", "adaptive_time_microseconds",
                    "interval.handling.mode", "string",
                    "hstore.handling.mode", "map",
                    "binary.handling.mode", "base64",
                    "include.unknown.datatypes", "true"),
            Map.of(
                    "decimal.handling.mode", "double",
                    "time.precision.mode", "connect",
                    "binary.handling.mode", "hex",
                    "money.fraction.digits", "3",
                    "unavailable.value.placeholder", "__\"gone\" ü😀",
                    "field.name.adjustment.mode", "avro"),
            Map.of("time.precision.mode", "isostring", "binary.handling.mode", "base64-url-safe"),
            Map.of("time.precision.mode", "microseconds"),
            Map.of("time.precision.mode", "nanoseconds"),
            Map.of("time.precision.mode", "structured"));

    @Test
    void bytesAreThoseOfJsonConverter() throws Exception {
        Random random = Seed.random(EnvelopeBytesIT.class);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("envelope_bytes")) {
            database.execute(TypeDefinitions.STATEMENTS.toArray(String[]::new));
            List<SampleType> types = EveryType.of(18, true);
            Judge judge = new Judge(database, types);
            judge.createTable();
            judge.fill(random, ROWS);
            database.execute("CREATE PUBLICATION samples FOR TABLE samples");
            try (Sessions sessions = new Sessions(database.connectionSettings());
                    PgConnection session = sessions.open("types")) {
                List<Column> columns = columns(session);
                List<TextRow> rows = read(session, columns.size());
                int[] toasted = toasted(session);
                for (Map<String, String> variant : VARIANTS) {
                    Map<String, String> settings = new HashMap<>(variant);
                    // There are values that Debezium's classes cannot convert; neither way has their fields.
                    settings.put("event.converting.failure.handling.mode", "skip");
                    EnvelopeTwins twins =
                            new EnvelopeTwins(sessions, new TableId("public", "samples"), columns, settings);
                    compare(twins, rows, toasted, random);
                    assertThat(twins.compared()).isGreaterThan(ROWS * 10);
                    assertThat(twins.failed()).isZero();
                }
            }
        }
    }

    private static void compare(EnvelopeTwins twins, List<TextRow> rows, int[] toasted, Random random) {
        twins.copied(rows.get(0), SnapshotPlace.FIRST);
        rows.forEach(row -> twins.copied(row, SnapshotPlace.WITHIN));
        TextRow older = null;
        for (TextRow row : rows) {
            int[] some = Arrays.stream(toasted)
                    .filter(field -> random.nextInt(3) == 0)
                    .toArray();
            int[] others = IntStream.range(1, row.size()).toArray();
            twins.changed(older, true, EnvelopeTwins.unchanged(row, some));
            twins.changed(null, false, EnvelopeTwins.unchanged(row, some));
            twins.changed(EnvelopeTwins.nulls(row, others), false, row);
            older = row;
        }
    }

    private static List<Column> columns(PgConnection session) throws SQLException {
        return new Catalog(session)
                .capturedTables("samples", table -> true, (table, column) -> true)
                .get(0)
                .columns();
    }

    /** The places of the columns whose values can be moved out of line: others are never left out of a change. */
    private static int[] toasted(PgConnection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet places = statement.executeQuery(
                        "SELECT attnum - 1 FROM pg_attribute WHERE attrelid = 'public.samples'::regclass AND attnum > 0"
                                + " AND attstorage <> 'p'")) {
            IntStream.Builder all = IntStream.builder();
            while (places.next()) {
                all.add(places.getInt(1));
            }
            return all.build().toArray();
        }
    }

    private static List<TextRow> read(PgConnection session, int columns) throws SQLException {
        List<TextRow> rows = new ArrayList<>();
        CopyOut copy = session.getCopyAPI().copyOut("COPY public.samples TO STDOUT");
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            TextRow row = new TextRow();
            new CopyRowParser(columns).parse(line, 0, line.length, row);
            rows.add(row);
        }
        return rows;
    }
}
