package io.pgseam.stream;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;

import io.pgseam.control.ControlRecords;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.pgoutput.MessageEncoder;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.CompositeHistory;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.StreamLimits;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.StreamPosition.Place;
import io.pgseam.phase.TopicGroup;
import io.pgseam.record.JsonForm;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.record.TransactionRecords;
import io.pgseam.record.flat.FlatMessages;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTableRecords;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.OversizePolicy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A router behind a real decoder, fed with messages as the server would send them. */
final class RoutedStream {

    static final long ORDERS = 16_400;
    static final long CUSTOMERS = 16_500;
    static final long OTHER = 16_600;

    /** Of the tables that {@link #steps} name; one that is renamed keeps its OID. */
    private static final Map<String, Long> OIDS = Map.of(
            "orders",
            ORDERS,
            "other_orders",
            ORDERS,
            "sales",
            ORDERS,
            "customers",
            CUSTOMERS,
            "other",
            OTHER,
            "other_signals",
            16_700L);

    static final String NULL = new String("NULL");
    static final String UNCHANGED = new String("UNCHANGED");

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private static final ControlRecords CONTROL = new ControlRecords("shop", "shop.seam", JsonForm.BYTES, CLOCK);
    private static final MessageLimit NO_LIMIT = limit(Long.MAX_VALUE, OversizePolicy.FAIL);

    /** The prefix of messages that are signals. */
    static final String SIGNALS = "pgseam.signal";

    private final MessageDecoder decoder = new MessageDecoder();
    final SignalRouter signals;
    private final ChangeRouter router;
    private final CompletionWindow window;
    private final ShapeOffsets offsets = new ShapeOffsets();
    private final Map<Long, Integer> columns = new HashMap<>();
    private long table;
    private long recordLsn;

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
                settings(false, false),
                records(null, false),
                1_000_000,
                limit(maxBytes, oversize));
    }

    /** A stream for which no large value may be looked up. */
    RoutedStream(
            FakeCatalog catalog, RecordingSink sink, StreamPosition from, boolean failOnTruncate, boolean tombstones) {
        this(
                catalog,
                sink,
                from,
                new FakeRows(),
                settings(failOnTruncate, false),
                records(null, tombstones),
                1_000_000,
                NO_LIMIT);
    }

    private RoutedStream(
            FakeCatalog catalog,
            RecordingSink sink,
            StreamPosition from,
            FakeRows rows,
            StreamSettings settings,
            TableRecordsFactory records,
            long mostBytesHeld,
            MessageLimit limit) {
        this(catalog, sink, new StreamCursor(from, Set.of(), false), rows, settings, records, mostBytesHeld, limit);
    }

    /** A stream that makes its records in some other way, and of which some topics may lag behind. */
    RoutedStream(FakeCatalog catalog, RecordingSink sink, StreamCursor cursor, TableRecordsFactory records) {
        this(catalog, sink, cursor, new FakeRows(), settings(false, false), records, 1_000_000, NO_LIMIT);
    }

    /** A stream whose records another sink takes before {@code progress} has them. */
    RoutedStream(
            FakeCatalog catalog,
            RecordingSink progress,
            RecordSink sink,
            StreamCursor cursor,
            TableRecordsFactory records,
            MessageLimit limit) {
        this(catalog, progress, sink, cursor, new FakeRows(), settings(false, false), records, 1_000_000, limit);
    }

    private RoutedStream(
            FakeCatalog catalog,
            RecordingSink sink,
            StreamCursor cursor,
            FakeRows rows,
            StreamSettings settings,
            TableRecordsFactory records,
            long mostBytesHeld,
            MessageLimit limit) {
        this(catalog, sink, sink, cursor, rows, settings, records, mostBytesHeld, limit);
    }

    private RoutedStream(
            FakeCatalog catalog,
            RecordingSink progress,
            RecordSink sink,
            StreamCursor cursor,
            FakeRows rows,
            StreamSettings settings,
            TableRecordsFactory records,
            long mostBytesHeld,
            MessageLimit limit) {
        ShapeReader.Visibility visibility = xid -> {
            rows.awaitVisible(xid, progress);
            catalog.awaitVisible(xid);
        };
        StreamMetrics metrics = new StreamMetrics(MetricRegistry.NONE, 0);
        CapturedRelations relations = new CapturedRelations(
                catalog,
                new TablesAhead(catalog, catalog.plan().published()),
                visibility,
                new CompositeForms(catalog, oid -> CompositeHistory.EMPTY, CONTROL, "shop", 0),
                records,
                oid -> catalog.ledger().getOrDefault(oid, ShapeHistory.EMPTY));
        ShapeLog shapes = new ShapeLog(
                relations,
                offsets,
                CONTROL,
                table -> "shop." + table,
                oid -> ShapeHistory.sourcePartition("shop", oid),
                (oid, table) -> {},
                catalog.missedTables(CONTROL),
                cursor.position(),
                metrics);
        Map<String, Object> partition = StreamPosition.sourcePartition("shop");
        Signals decides = new Signals(catalog.plan(), 1, null, catalog);
        this.signals = new SignalRouter(settings.signals(), decides, CONTROL, partition, cursor, sink);
        this.router = new ChangeRouter(
                settings, relations, shapes, CONTROL, limit, partition, cursor, Set.of(), signals, sink, metrics);
        this.window = new CompletionWindow(router, rows, progress, mostBytesHeld);
    }

    /** A stream that says where transactions begin and end. */
    static RoutedStream ofTransactions(
            FakeCatalog catalog,
            RecordingSink sink,
            StreamCursor cursor,
            TableRecordsFactory records,
            TransactionRecords transactions) {
        StreamSettings settings = settings(false, false, transactions);
        return new RoutedStream(catalog, sink, cursor, new FakeRows(), settings, records, 1_000_000, NO_LIMIT);
    }

    private static StreamSettings settings(boolean failOnTruncate, boolean completes) {
        return settings(failOnTruncate, completes, null);
    }

    private static StreamSettings settings(
            boolean failOnTruncate, boolean completes, @Nullable TransactionRecords transactions) {
        return new StreamSettings(
                "slot",
                "publication",
                100,
                1_000_000,
                0,
                10_000,
                10_000,
                failOnTruncate,
                completes,
                StreamLimits.NONE,
                false,
                true,
                new SignalChannels(SIGNALS, new TableId("public", "other_signals"), null),
                new MessageCapture(prefix -> prefix.startsWith("app"), new FlatMessages("shop.message")),
                transactions);
    }

    static MessageLimit limit(long maxBytes, OversizePolicy oversize) {
        return new MessageLimit(maxBytes, oversize, CONTROL, CLOCK);
    }

    /** Flat records. */
    static TableRecordsFactory records(@Nullable String placeholder, boolean tombstones) {
        UnrepresentableValues unrepresentable = new UnrepresentableValues(CLOCK);
        FlatSettings defaults = FlatSettings.defaults();
        FlatSettings flat = new FlatSettings(defaults.metadata(), defaults.unrepresentable(), placeholder);
        return (table, columns) ->
                new FlatTableRecords(table, "shop." + table, columns, flat, tombstones, false, unrepresentable);
    }

    /** A stream whose large values that were not sent are looked up, while it holds so many bytes back. */
    static RoutedStream completing(
            FakeCatalog catalog, RecordingSink sink, StreamPosition from, FakeRows rows, long mostBytesHeld) {
        return new RoutedStream(
                catalog, sink, from, rows, settings(false, true), records(null, false), mostBytesHeld, NO_LIMIT);
    }

    /** A stream that writes a text in place of large values that were not sent. */
    static RoutedStream withPlaceholder(FakeCatalog catalog, RecordingSink sink, StreamPosition from, String text) {
        return new RoutedStream(
                catalog, sink, from, new FakeRows(), settings(false, false), records(text, false), 1_000_000, NO_LIMIT);
    }

    /** The server has nothing more to send at present. */
    RoutedStream idle() throws SQLException {
        if (!window.inTransaction()) {
            window.flush();
            router.flush();
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

    CompletionWindow window() {
        return window;
    }

    RoutedStream send(MessageEncoder message) throws SQLException {
        ByteBuffer encoded = message.toBuffer();
        window.take(encoded, decoder.decode(encoded), new Lsn(recordLsn));
        return this;
    }

    /** A change in a WAL record of its own. */
    private RoutedStream change(MessageEncoder message) throws SQLException {
        recordLsn++;
        return send(message);
    }

    /** A message that an application wrote, in a WAL record of its own; its LSN is where that ends and the next one begins. */
    RoutedStream say(boolean transactional, String prefix, String content) throws SQLException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        recordLsn++;
        return send(message('M')
                .int8(transactional ? 1 : 0)
                .int64(recordLsn + 1)
                .text(prefix)
                .int32(bytes.length)
                .raw(bytes));
    }

    /** The next WAL record is at this LSN. */
    RoutedStream at(long lsn) {
        recordLsn = lsn - 1;
        return this;
    }

    /** An inserted row that shares its WAL record with the change before. */
    RoutedStream insertInSameRecord(long oid, String... values) throws SQLException {
        return send(RowMessages.row(message('I').int32(oid).int8('N'), values));
    }

    /** A transaction whose messages are given by {@link #steps}. */
    RoutedStream transaction(long commitLsn, String... steps) throws SQLException {
        return begin(commitLsn).steps(steps).commit(commitLsn);
    }

    /**
     * Messages in words. A table with its columns, {@code "orders: id, note"}, and where it matters with its identity, {@code "orders
     * FULL: id, note"} or {@code "orders (note): id, note"}. Changes of the table that was named last, or that they name: {@code "insert
     * 1, new"}, {@code "update 1, ~"}, {@code "update K 1 -> 2, moved"}, {@code "update O 1, a -> 1, b"}, {@code "delete 1"}, {@code
     * "delete O 1, a"}, {@code "customers insert 1, NULL"}, {@code "truncate orders, other"}. An unchanged value is {@code ~}.
     */
    RoutedStream steps(String... steps) throws SQLException {
        for (String step : steps) {
            int colon = step.indexOf(": ");
            if (colon > 0) {
                describe(step.substring(0, colon), step.substring(colon + 2).split(", "));
                continue;
            }
            String[] words = step.split(" ", 2);
            if (OIDS.containsKey(words[0])) {
                table = OIDS.get(words[0]);
                words = words[1].split(" ", 2);
            }
            change(words[0], words.length == 1 ? "" : words[1]);
        }
        return this;
    }

    private void describe(String table, String... columns) throws SQLException {
        String[] words = table.split(" ", 2);
        this.table = OIDS.get(words[0]);
        this.columns.put(this.table, columns.length);
        if (words.length == 1) {
            relation(this.table, words[0], columns);
        } else if (words[1].equals("FULL")) {
            relation(this.table, words[0], 'f', List.of(columns), columns);
        } else {
            relation(
                    this.table,
                    words[0],
                    'd',
                    List.of(words[1].replaceAll("[()]", "").split(", ")),
                    columns);
        }
    }

    private void change(String verb, String values) throws SQLException {
        char old = values.startsWith("K ") || values.startsWith("O ") ? values.charAt(0) : ' ';
        String[] rows = (old == ' ' ? values : values.substring(2)).split(" -> ");
        switch (verb) {
            case "insert" -> insert(table, row(rows[0]));
            case "update" -> {
                if (rows.length == 1) {
                    update(table, row(rows[0]));
                } else {
                    update(table, old, row(rows[0]), row(rows[1]));
                }
            }
            case "delete" -> delete(table, old == 'O' ? 'O' : 'K', row(rows[0]));
            case "truncate" ->
                truncate(
                        values.isEmpty()
                                ? new long[] {table}
                                : Stream.of(values.split(", "))
                                        .mapToLong(OIDS::get)
                                        .toArray());
            default -> throw new IllegalArgumentException(verb);
        }
    }

    /** The values of all columns; those that are missing at the end are null. */
    private String[] row(String values) {
        String[] row = Arrays.copyOf(values.split(", "), columns.get(table));
        for (int column = 0; column < row.length; column++) {
            String value = row[column];
            row[column] = value == null || value.equals("NULL") ? NULL : value.equals("~") ? UNCHANGED : value;
        }
        return row;
    }

    RoutedStream begin(long commitLsn) throws SQLException {
        return begin(commitLsn, 7);
    }

    RoutedStream begin(long commitLsn, long transactionId) throws SQLException {
        recordLsn = 0;
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
        return change(RowMessages.row(message('I').int32(oid).int8('N'), values));
    }

    RoutedStream update(long oid, String... values) throws SQLException {
        return change(RowMessages.row(message('U').int32(oid).int8('N'), values));
    }

    /** @param old {@code K} or {@code O}, as the table's replica identity has it */
    RoutedStream update(long oid, char old, String[] oldValues, String... values) throws SQLException {
        return change(RowMessages.row(
                RowMessages.row(message('U').int32(oid).int8(old), oldValues).int8('N'), values));
    }

    RoutedStream delete(long oid, char old, String... values) throws SQLException {
        return change(RowMessages.row(message('D').int32(oid).int8(old), values));
    }

    RoutedStream truncate(long... oids) throws SQLException {
        MessageEncoder message = message('T').int32(oids.length).int8(0);
        for (long oid : oids) {
            message.int32(oid);
        }
        return change(message);
    }

    /** The position after so many changes of a transaction, each in a WAL record of its own. */
    static StreamPosition at(long lsn, long changes) {
        StreamPosition start = StreamPosition.before(new Lsn(lsn), 1, 1);
        return changes == 0
                ? start
                : start.at(
                        TopicGroup.LIVE,
                        new Place(new ChangeId(new Lsn(lsn), new Lsn(changes), 0), upsertSequence(changes)));
    }

    /** {@code __seq} of the upsert that the n-th change of a transaction makes, if none before it is a truncate of several tables. */
    static long upsertSequence(long change) {
        return 4 * change;
    }

    /** The same for a delete. */
    static long deleteSequence(long change) {
        return 4 * change - 1;
    }
}
