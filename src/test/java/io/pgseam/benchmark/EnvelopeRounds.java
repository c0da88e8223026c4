package io.pgseam.benchmark;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.record.debezium.DebeziumSettings;
import io.pgseam.record.debezium.DebeziumTables;
import io.pgseam.record.mask.ColumnMasks;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;

/** How long one thread takes from a COPY row to the bytes of Debezium's envelope, record and converters included. */
final class EnvelopeRounds {

    private static final Lsn ANCHOR = new Lsn(0x16_B374_D848L);

    private final byte[][] lines;
    private final CopyRowParser parser;
    private final TableRecords records;
    private final Converter converter;
    private final TextRow row = new TextRow();
    private long written;

    private EnvelopeRounds(byte[][] lines, List<Column> columns, Sessions sessions, boolean json) throws SQLException {
        this.lines = lines;
        parser = new CopyRowParser(columns.size());
        DebeziumSettings settings = new DebeziumSettings("shop", "encode", true, false, json, Map.of());
        records = new DebeziumTables(
                        settings,
                        sessions,
                        id -> "shop." + id,
                        Clock.systemUTC(),
                        ColumnMasks.NONE,
                        (table, column) -> true)
                .recordsOf(new TableId("public", "orders"), columns);
        converter = json ? new ByteArrayConverter() : new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), false);
    }

    static void print(byte[][] lines, List<Column> columns, int rows, int rounds) throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("encode");
                Sessions sessions = new Sessions(database.connectionSettings())) {
            database.execute(
                    "CREATE TABLE orders (id int8 PRIMARY KEY, quantity int4, amount numeric, customer text, note text,"
                            + " email text, status varchar, paid bool, created_at timestamptz, shipped_at timestamp, due date,"
                            + " token uuid, attributes jsonb)");
            EnvelopeRounds bytes = new EnvelopeRounds(lines, columns, sessions, true);
            EnvelopeRounds structs = new EnvelopeRounds(lines, columns, sessions, false);
            bytes.round(rows);
            structs.round(rows / 4);
            double[] asBytes = new double[rounds];
            double[] asStructs = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                asBytes[round] = bytes.round(rows);
                asStructs[round] = structs.round(rows / 4);
            }
            Arrays.sort(asBytes);
            Arrays.sort(asStructs);
            System.out.printf(
                    "Debezium's envelope, parse to key and value: as bytes %.0f ns/row (best %.0f, worst %.0f), by structs and"
                            + " JsonConverter %.0f ns/row (best %.0f, worst %.0f): %.1f times as fast; %.0f bytes of key and"
                            + " value%n",
                    asBytes[rounds / 2],
                    asBytes[0],
                    asBytes[rounds - 1],
                    asStructs[rounds / 2],
                    asStructs[0],
                    asStructs[rounds - 1],
                    asStructs[rounds / 2] / asBytes[rounds / 2],
                    (double) bytes.written / rows / (rounds + 1));
        }
    }

    private double round(int rows) {
        long begin = System.nanoTime();
        for (int i = 0; i < rows; i++) {
            // Unescaping changes the line, so each turn takes a copy, as the driver makes one for each CopyData
            // message.
            byte[] line = lines[i % lines.length].clone();
            parser.parse(line, 0, line.length, row);
            SourceRecord made =
                    Objects.requireNonNull(records.snapshotRow(row, SnapshotPlace.WITHIN, ANCHOR, Map.of(), Map.of()));
            written += converter.fromConnectData(made.topic(), made.keySchema(), made.key()).length;
            written += converter.fromConnectData(made.topic(), made.valueSchema(), made.value()).length;
        }
        return (double) (System.nanoTime() - begin) / rows;
    }
}
