package io.pgseam.stream;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.pgoutput.MessageEncoder;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.JsonForm;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTableRecords;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.OversizePolicy;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

/** A router behind a real decoder, fed with messages as the server would send them. */
final class RoutedStream {

    static final String NULL = new String("NULL");
    static final String UNCHANGED = new String("UNCHANGED");

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final MessageDecoder decoder = new MessageDecoder();
    private final ChangeRouter router;

    RoutedStream(FakeCatalog catalog, RecordingSink sink, StreamPosition from) {
        this(catalog, sink, from, false, false);
    }

    /** A stream with a limit for its records. */
    RoutedStream(FakeCatalog catalog, RecordingSink sink, StreamPosition from, long maxBytes, OversizePolicy oversize) {
        this(catalog, sink, from, false, false, maxBytes, oversize);
    }

    RoutedStream(
            FakeCatalog catalog, RecordingSink sink, StreamPosition from, boolean failOnTruncate, boolean tombstones) {
        this(catalog, sink, from, failOnTruncate, tombstones, Long.MAX_VALUE, OversizePolicy.FAIL);
    }

    private RoutedStream(
            FakeCatalog catalog,
            RecordingSink sink,
            StreamPosition from,
            boolean failOnTruncate,
            boolean tombstones,
            long maxBytes,
            OversizePolicy oversize) {
        StreamSettings settings =
                new StreamSettings("slot", "publication", 100, 1_000_000, 0, 10_000, failOnTruncate, false);
        ControlRecords control = new ControlRecords("shop", "shop.seam", JsonForm.BYTES, CLOCK);
        UnrepresentableValues unrepresentable = new UnrepresentableValues(CLOCK);
        TableRecordsFactory records = (table, columns) -> new FlatTableRecords(
                table, "shop." + table, columns, FlatSettings.defaults(), tombstones, false, unrepresentable);
        // Never opened: no test here asks the source for a value.
        Sessions sessions =
                new Sessions(new ConnectionSettings("localhost", 1, "shop", "nobody", "", 1, Map.of(), "test"));
        this.router = new ChangeRouter(
                settings,
                new CapturedRelations(catalog, records),
                new RowCompleter(sessions, ""),
                control,
                new MessageLimit(maxBytes, oversize, control, CLOCK),
                StreamPosition.sourcePartition("shop"),
                from,
                sink);
    }

    ChangeRouter router() {
        return router;
    }

    RoutedStream send(MessageEncoder message) throws SQLException {
        router.route(decoder.decode(message.toBuffer()), 0);
        return this;
    }

    RoutedStream begin(long commitLsn) throws SQLException {
        return send(message('B').int64(commitLsn).int64(0).int32(7));
    }

    RoutedStream commit(long commitLsn) throws SQLException {
        return send(message('C').int8(0).int64(commitLsn).int64(commitLsn + 8).int64(0));
    }

    /** A table of the schema public; the first column is an int8 and its identity. */
    RoutedStream relation(long oid, String name, String... columns) throws SQLException {
        MessageEncoder message =
                message('R').int32(oid).text("public").text(name).int8('d').int16(columns.length);
        for (int column = 0; column < columns.length; column++) {
            message.int8(column == 0 ? 1 : 0)
                    .text(columns[column])
                    .int32(column == 0 ? 20 : 25)
                    .int32(-1);
        }
        return send(message);
    }

    RoutedStream insert(long oid, String... values) throws SQLException {
        return send(row(message('I').int32(oid).int8('N'), values));
    }

    RoutedStream update(long oid, String... values) throws SQLException {
        return send(row(message('U').int32(oid).int8('N'), values));
    }

    /** @param old {@code K} or {@code O}, as the table's replica identity has it */
    RoutedStream update(long oid, char old, String[] oldValues, String... values) throws SQLException {
        return send(row(row(message('U').int32(oid).int8(old), oldValues).int8('N'), values));
    }

    RoutedStream delete(long oid, char old, String... values) throws SQLException {
        return send(row(message('D').int32(oid).int8(old), values));
    }

    RoutedStream truncate(long... oids) throws SQLException {
        MessageEncoder message = message('T').int32(oids.length).int8(0);
        for (long oid : oids) {
            message.int32(oid);
        }
        return send(message);
    }

    @SuppressWarnings({"ReferenceEquality", "StringEquality"})
    private static MessageEncoder row(MessageEncoder message, String... values) {
        message.int16(values.length);
        for (String value : values) {
            if (value == NULL) {
                message.nothing();
            } else if (value == UNCHANGED) {
                message.unchanged();
            } else {
                message.value(value);
            }
        }
        return message;
    }

    static StreamPosition at(long lsn, long sequence) {
        return new StreamPosition(new Lsn(lsn), sequence, 1, 1, false);
    }
}
