package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.CUSTOMERS;
import static io.pgseam.stream.RoutedStream.ORDERS;
import static io.pgseam.stream.RoutedStream.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.EventOrder;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TransactionRecords;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where transactions begin and end, and how many events they have: said once, wherever the stream is restarted. */
class TransactionEventsTest {

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void tables() {
        catalog.put(ORDERS, "orders", "id", "note");
        catalog.put(CUSTOMERS, "customers", "id", "name");
        catalog.putIntoPlan(ORDERS, "orders");
        catalog.putIntoPlan(CUSTOMERS, "customers");
    }

    private RoutedStream stream(StreamPosition from) {
        return stream(new StreamCursor(from, Set.of(), false));
    }

    private RoutedStream stream(StreamCursor cursor) {
        return RoutedStream.ofTransactions(
                catalog, sink, cursor, (table, columns) -> new Told(table), new ToldTransactions());
    }

    private List<String> taken() {
        return sink.taken().stream()
                .filter(record -> !record.startsWith("shop.seam") && !record.startsWith("shop.message"))
                .map(record -> record.substring(record.indexOf(' ') + 1).replaceFirst("^null ", ""))
                .toList();
    }

    private static void send(RoutedStream stream) throws SQLException {
        stream.begin(500, 71)
                .at(401)
                .steps("orders: id, note", "customers: id, name", "orders insert 1, a", "customers insert 1, b")
                .steps("orders update K 1 -> 2, c", "orders delete 2")
                .commit(500);
        stream.at(550).say(false, "app", "between");
        stream.begin(600, 72)
                .at(580)
                .steps("other: id, x", "other insert 1, not captured")
                .commit(600);
        stream.begin(700, 73).at(650).steps("customers insert 2, d").commit(700);
    }

    @Test
    void eventsAreNumberedAndCounted() throws SQLException {
        send(stream(RoutedStream.at(100, 0)));
        assertThat(taken())
                .containsExactly(
                        "BEGIN 71:0",
                        "orders 1 is there: 1, 1",
                        "customers 1 is there: 2, 1",
                        "orders 1 is gone: 3, 2",
                        "tombstone",
                        "orders 2 is there: 4, 3",
                        "orders 2 is gone: 5, 4",
                        "tombstone",
                        "END 71:404 5 {public.customers=1, public.orders=4}",
                        "BEGIN 73:0",
                        "customers 2 is there: 1, 1",
                        "END 73:650 1 {public.customers=1}");
    }

    @Test
    void eachIsSaidOnceWhereverTheStreamIsRestarted() throws SQLException {
        StreamPosition start = RoutedStream.at(100, 0);
        send(stream(start));
        List<String> whole = List.copyOf(sink.taken());
        List<StreamPosition> offsets = List.copyOf(sink.offsets());
        for (int kept = 1; kept <= offsets.size(); kept++) {
            StreamPosition from = offsets.get(kept - 1);
            int again = from.equals(start) ? 0 : offsets.indexOf(from) + 1;
            sink.clear();
            send(stream(from));
            assertThat(withoutTimes(sink.taken()))
                    .as("after record %s", kept)
                    .isEqualTo(withoutTimes(whole.subList(again, whole.size())));
        }
    }

    private static List<String> withoutTimes(List<String> records) {
        return records.stream()
                .map(record -> record.replaceAll("\"__ts_ms\":\\d+", ""))
                .toList();
    }

    /** The session was lost: the server sends the transaction again, and the position has what the sink took of it. */
    @Test
    void aTransactionThatIsCutOffIsContinued() throws SQLException {
        RoutedStream stream = stream(RoutedStream.at(100, 0));
        stream.begin(500, 71).at(401).steps("orders: id, note", "customers: id, name", "orders insert 1, a");
        stream.restart();
        send(stream);
        send(stream(RoutedStream.at(100, 0)));
        int half = taken().size() / 2;
        assertThat(taken().subList(0, half)).isEqualTo(taken().subList(half, 2 * half));
    }

    /** A transaction of messages has events, too; one between two transactions is none. */
    @Test
    void messagesOfATransactionAreEvents() throws SQLException {
        stream(RoutedStream.at(100, 0))
                .begin(500, 71)
                .at(401)
                .say(true, "app", "one")
                .say(true, "another", "not captured")
                .say(true, "app", "two")
                .commit(500)
                .at(600)
                .say(false, "app", "between");
        assertThat(taken()).containsExactly("BEGIN 71:0", "END 71:403 2 {LOGICAL_DECODING_MESSAGE=2}");
    }

    /** A change that lags is of no transaction: who counts the others by the end of theirs must not wait for it, nor count it. */
    @Test
    void whatLagsIsNotCounted() throws SQLException {
        StreamPosition split = RoutedStream.at(100, 0).splitAt(new Anchor(2, new Lsn(100)));
        StreamCursor live = new StreamCursor(split, Set.of("shop.public.customers"), true);
        send(stream(live));
        assertThat(taken())
                .containsExactly(
                        "BEGIN 71:0",
                        "customers 1 is there: 1, 1",
                        "END 71:404 1 {public.customers=1}",
                        "BEGIN 73:0",
                        "customers 2 is there: 1, 1",
                        "END 73:650 1 {public.customers=1}");
        sink.clear();
        send(stream(live.forLagging()));
        assertThat(taken())
                .containsExactly(
                        "orders 1 is there",
                        "orders 1 is gone",
                        "tombstone",
                        "orders 2 is there",
                        "orders 2 is gone",
                        "tombstone");
    }

    @Test
    void tablesThatAreNotCapturedMakeNoTransaction() throws SQLException {
        catalog.put(OTHER, "other", "id", "x");
        stream(RoutedStream.at(100, 0))
                .begin(500, 71)
                .at(401)
                .say(true, "another", "not captured")
                .commit(500);
        assertThat(sink.taken()).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static SourceRecord record(
            String topic, @Nullable String value, Map<String, ?> partition, Map<String, ?> offset) {
        Schema schema = Schema.OPTIONAL_BYTES_SCHEMA;
        return new SourceRecord(
                partition, offset, topic, null, schema, null, schema, bytes(value == null ? "tombstone" : value));
    }

    /** Says what a row's records are, and their numbers. */
    private record Told(TableId id) implements TableRecords {

        @Override
        public String topic() {
            return "shop." + id;
        }

        @Override
        public SourceRecord snapshotRow(
                TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
            throw new AssertionError("nothing is copied");
        }

        private void event(String what, ChangeWriter writer) {
            EventOrder order = writer.countEvent(id);
            String numbers = order == null ? "" : ": " + order.total() + ", " + order.ofCollection();
            writer.write(record(topic(), id.name() + " " + what + numbers, writer.partition(), writer.offset()), 1);
        }

        @Override
        public void insert(TextRow row, ChangeWriter writer) {
            if (writer.begin(What.PRESENT)) {
                event(row.text(0) + " is there", writer);
            }
        }

        @Override
        public void update(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
            if (oldRow != null) {
                delete(oldRow, oldRowWhole, writer);
            }
            insert(newRow, writer);
        }

        @Override
        public void updateOfLostRow(
                @Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
            throw new AssertionError("no row is lost");
        }

        @Override
        public void delete(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
            if (writer.begin(What.GONE)) {
                event(oldRow.text(0) + " is gone", writer);
            }
            if (writer.begin(What.GONE)) {
                writer.write(record(topic(), null, writer.partition(), writer.offset()), 1);
            }
        }

        @Override
        public boolean needsWholeRows() {
            return false;
        }
    }

    private static final class ToldTransactions implements TransactionRecords {

        @Override
        public SourceRecord begin(
                long transactionId, Lsn lsn, long timeMicros, Map<String, ?> partition, Map<String, ?> offset) {
            return record("shop.transaction", "BEGIN " + transactionId + ":" + lsn.value(), partition, offset);
        }

        @Override
        public SourceRecord end(
                long transactionId,
                Lsn lsn,
                long timeMicros,
                long total,
                Map<String, Long> counts,
                Map<String, ?> partition,
                Map<String, ?> offset) {
            String value = "END " + transactionId + ":" + lsn.value() + " " + total + " " + new TreeMap<>(counts);
            return record("shop.transaction", value, partition, offset);
        }
    }
}
