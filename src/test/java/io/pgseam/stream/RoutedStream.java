package io.pgseam.stream;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.pgoutput.MessageEncoder;
import io.pgseam.phase.CompositeHistory;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.JsonForm;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTableRecords;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.OversizePolicy;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A router behind a real decoder, fed with messages as the server would send them. */
final class RoutedStream {

    static final String NULL = new String("NULL");
    static final String UNCHANGED = new String("UNCHANGED");

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final MessageDecoder decoder = new MessageDecoder();
    private final ChangeRouter router;
    private final CompletionWindow window;
    private final ShapeOffsets offsets = new ShapeOffsets();

    RoutedStream(FakeCatalog catalog, RecordingSink sink, StreamPosition from) {
        this(catalog, sink, from, false, false);
    }

    /** A stream with a limit for its records. */
    RoutedStream(FakeCatalog catalog, RecordingSink sink, StreamPosition from, long maxBytes, OversizePolicy oversize) {
        this(
                catalog,
                sink,
                from,
                new FakeRows(),
                false,
                false,
                false,
                null,
                1_000_000,
                maxBytes,
                oversize,
                Set.of(),
                false);
    }

    /** A stream for which no large value may be looked up. */
    RoutedStream(
            FakeCatalog catalog, RecordingSink sink, StreamPosition from, boolean failOnTruncate, boolean tombstones) {
        this(catalog, sink, from, new FakeRows(), failOnTruncate, tombstones, false, null, 1_000_000);
    }

    private RoutedStream(
            FakeCatalog catalog,
            RecordingSink sink,
            StreamPosition from,
            FakeRows rows,
            boolean failOnTruncate,
            boolean tombstones,
            boolean completes,
            @Nullable String placeholder,
            long mostBytesHeld) {
        this(
                catalog,
                sink,
                from,
                rows,
                failOnTruncate,
                tombstones,
                completes,
                placeholder,
                mostBytesHeld,
                Long.MAX_VALUE,
                OversizePolicy.FAIL,
                Set.of(),
                false);
    }

    /**
     * A stream that has parted, or may have.
     *
     * @param goingOn the topics that go on
     * @param besideCopy whether rows are being copied to the others
     */
    RoutedStream(
            FakeCatalog catalog, RecordingSink sink, StreamPosition from, Set<String> goingOn, boolean besideCopy) {
        this(
                catalog,
                sink,
                from,
                new FakeRows(),
                false,
                false,
                false,
                null,
                1_000_000,
                Long.MAX_VALUE,
                OversizePolicy.FAIL,
                goingOn,
                besideCopy);
    }

    private RoutedStream(
            FakeCatalog catalog,
            RecordingSink sink,
            StreamPosition from,
            FakeRows rows,
            boolean failOnTruncate,
            boolean tombstones,
            boolean completes,
            @Nullable String placeholder,
            long mostBytesHeld,
            long maxBytes,
            OversizePolicy oversize,
            Set<String> goingOn,
            boolean besideCopy) {
        StreamSettings settings = new StreamSettings(
                "slot", "publication", 100, 1_000_000, 0, 10_000, 10_000, failOnTruncate, completes, null);
        UnrepresentableValues unrepresentable = new UnrepresentableValues(CLOCK);
        FlatSettings defaults = FlatSettings.defaults();
        FlatSettings flat = new FlatSettings(defaults.metadata(), defaults.unrepresentable(), placeholder);
        TableRecordsFactory records = (table, columns) ->
                new FlatTableRecords(table, "shop." + table, columns, flat, tombstones, false, unrepresentable);
        ControlRecords control = new ControlRecords("shop", "shop.seam", JsonForm.BYTES, CLOCK);
        ShapeReader.Visibility visibility = xid -> {
            rows.awaitVisible(xid, sink);
            catalog.awaitVisible(xid);
        };
        CapturedRelations relations = new CapturedRelations(
                catalog,
                visibility,
                new CompositeForms(catalog, oid -> CompositeHistory.EMPTY, control, "shop", 0),
                records,
                oid -> catalog.ledger().getOrDefault(oid, ShapeHistory.EMPTY));
        ShapeLog shapes = new ShapeLog(
                relations,
                offsets,
                control,
                table -> "shop." + table,
                oid -> ShapeHistory.sourcePartition("shop", oid),
                (oid, table) -> {},
                from);
        this.router = new ChangeRouter(
                settings,
                relations,
                shapes,
                control,
                new MessageLimit(maxBytes, oversize, control, CLOCK),
                StreamPosition.sourcePartition("shop"),
                new StreamCursor(from, goingOn, besideCopy),
                sink);
        this.window = new CompletionWindow(router, rows, sink, mostBytesHeld);
    }

    /** A stream whose large values that were not sent are looked up, while it holds so many bytes back. */
    static RoutedStream completing(
            FakeCatalog catalog, RecordingSink sink, StreamPosition from, FakeRows rows, long mostBytesHeld) {
        return new RoutedStream(catalog, sink, from, rows, false, false, true, null, mostBytesHeld);
    }

    /** A stream that writes a text in place of large values that were not sent. */
    static RoutedStream withPlaceholder(FakeCatalog catalog, RecordingSink sink, StreamPosition from, String text) {
        return new RoutedStream(catalog, sink, from, new FakeRows(), false, false, false, text, 1_000_000);
    }

    /** The server has nothing more to send at present. */
    RoutedStream idle() throws SQLException {
        if (!window.inTransaction()) {
            window.flush();
        }
        return this;
    }

    boolean inTransaction() {
        return window.inTransaction();
    }

    /** The session was lost. */
    void restart() {
        window.restart();
    }

    /** Where a test says what Kafka has acknowledged. */
    ShapeOffsets offsets() {
        return offsets;
    }

    ChangeRouter router() {
        return router;
    }

    RoutedStream send(MessageEncoder message) throws SQLException {
        ByteBuffer encoded = message.toBuffer();
        window.take(encoded, decoder.decode(encoded), 0);
        return this;
    }

    RoutedStream begin(long commitLsn) throws SQLException {
        return begin(commitLsn, 7);
    }

    RoutedStream begin(long commitLsn, long transactionId) throws SQLException {
        return send(message('B').int64(commitLsn).int64(0).int32(transactionId));
    }

    RoutedStream commit(long commitLsn) throws SQLException {
        return send(message('C').int8(0).int64(commitLsn).int64(commitLsn + 8).int64(0));
    }

    /** A table of the schema public; the first column is an int8 and its identity. */
    RoutedStream relation(long oid, String name, String... columns) throws SQLException {
        return relation(oid, name, 'd', List.of(columns[0]), columns);
    }

    /**
     * The same with another identity.
     *
     * @param identity code of {@code pg_class.relreplident}
     * @param key the only column of the identity, unless that is the whole row
     */
    RoutedStream relation(long oid, String name, char identity, int key, String... columns) throws SQLException {
        List<String> flagged = identity == 'f' ? List.of(columns) : key < 0 ? List.of() : List.of(columns[key]);
        return relation(oid, name, identity, flagged, columns);
    }

    /** A table of the schema public; the first column is an int8, those after it text. */
    RoutedStream relation(long oid, String name, char identity, List<String> flagged, String... columns)
            throws SQLException {
        MessageEncoder message =
                message('R').int32(oid).text("public").text(name).int8(identity).int16(columns.length);
        for (int column = 0; column < columns.length; column++) {
            message.int8(flagged.contains(columns[column]) ? 1 : 0)
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
