package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.StreamPosition.Place;
import io.pgseam.phase.TopicGroup;
import io.pgseam.task.OversizePolicy;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages of {@code pg_logical_emit_message} are sent as changes are: in their order, once, and moving nothing else. */
class MessagesTest {

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void tables() {
        catalog.put(ORDERS, "orders", "id", "note");
        catalog.putIntoPlan(ORDERS, "orders");
    }

    private RoutedStream stream(StreamPosition from) {
        return new RoutedStream(catalog, sink, from);
    }

    /** What was sent, but for the time at which a message outside of a transaction was read. */
    private List<String> taken() {
        return sink.taken().stream()
                .filter(record -> !record.startsWith("shop.seam"))
                .map(record -> record.replaceAll("(\"__txid\":null,\"__ts_ms\":)\\d+", "$1_"))
                .toList();
    }

    @Test
    void messagesAreAmongTheChangesOfTheirTransactionOrBetweenTwo() throws SQLException {
        send(stream(RoutedStream.at(100, 0)));
        assertThat(taken())
                .containsExactly(
                        "shop.message {\"prefix\":\"app\"} {\"prefix\":\"app\",\"content\":\"Zmlyc3Q=\",\"transactional\":true,"
                                + "\"__lsn\":500,\"__seq\":0,\"__message_lsn\":402,\"__txid\":7,\"__ts_ms\":946684800000}",
                        "shop.public.orders {\"id\":1} {\"id\":1,\"note\":\"a\",\"__op\":0,\"__lsn\":500,\"__seq\":4,\"__snapshot\":false}",
                        "shop.message {\"prefix\":\"app.\\\"x\"} {\"prefix\":\"app.\\\"x\",\"content\":\"\",\"transactional\":true,"
                                + "\"__lsn\":500,\"__seq\":4,\"__message_lsn\":405,\"__txid\":7,\"__ts_ms\":946684800000}",
                        "shop.message {\"prefix\":\"app\"} {\"prefix\":\"app\",\"content\":\"w7w=\",\"transactional\":false,"
                                + "\"__lsn\":601,\"__seq\":0,\"__message_lsn\":601,\"__txid\":null,\"__ts_ms\":_}",
                        "shop.public.orders {\"id\":2} {\"id\":2,\"note\":\"b\",\"__op\":0,\"__lsn\":601,\"__seq\":4,\"__snapshot\":false}");
    }

    private static void send(RoutedStream stream) throws SQLException {
        stream.begin(500)
                .at(401)
                .say(true, "app", "first")
                .say(true, "another", "not captured")
                .steps("orders: id, note", "insert 1, a")
                .say(true, "app.\"x", "")
                .commit(500)
                .at(599)
                .say(false, "another", "not captured")
                .say(false, "app", "ü")
                .begin(601)
                .at(598)
                .steps("insert 2, b")
                .commit(601);
    }

    /** Of another subtransaction than the change that follows on it: the server may send either first. */
    @Test
    void aMessageMayComeAfterTheChangeThatBeginsWhereItEnds() throws SQLException {
        RoutedStream stream = stream(RoutedStream.at(100, 0));
        sendSwapped(stream);
        List<String> whole = taken();
        assertThat(whole).hasSize(4);
        List<StreamPosition> offsets = List.copyOf(sink.offsets());
        for (int kept = 1; kept <= offsets.size(); kept++) {
            sink.clear();
            sendSwapped(stream(offsets.get(kept - 1)));
            assertThat(taken()).as("after record %s", kept).isEqualTo(whole.subList(kept, whole.size()));
        }
    }

    private static void sendSwapped(RoutedStream stream) throws SQLException {
        stream.begin(500)
                .at(402)
                .steps("orders: id, note", "insert 1, a")
                .insertInSameRecord(ORDERS, "2", "b")
                .at(401)
                .say(true, "app", "before both")
                .at(410)
                .steps("insert 3, c")
                .commit(500);
    }

    @Test
    void aMessageIsSentOnceWhereverTheStreamIsRestarted() throws SQLException {
        send(stream(RoutedStream.at(100, 0)));
        List<String> whole = taken();
        List<StreamPosition> offsets = List.copyOf(sink.offsets());
        for (int kept = 1; kept <= offsets.size(); kept++) {
            sink.clear();
            send(stream(offsets.get(kept - 1)));
            assertThat(taken()).as("after record %s", kept).isEqualTo(whole.subList(kept, whole.size()));
        }
    }

    /** A message between transactions is the last that is committed: the slot may be confirmed up to it. */
    @Test
    void aMessageMayBeAloneInTheStream() throws SQLException {
        stream(RoutedStream.at(100, 0)).at(600).say(false, "app", "alone");
        assertThat(taken()).hasSize(1);
        assertThat(sink.offsets().get(0).readFrom()).isEqualTo(new Lsn(601));
        assertThat(sink.transactions()).isEqualTo(1);
    }

    /** While rows are copied to some topics, messages keep streaming; what the lagging topics miss is read once more, without them. */
    @Test
    void messagesNeverLag() throws SQLException {
        StreamPosition split = RoutedStream.at(100, 0).splitAt(new Anchor(2, new Lsn(100)));
        StreamCursor live = new StreamCursor(split, Set.of("shop.public.customers"), true);
        RoutedStream first = new RoutedStream(catalog, sink, live, RoutedStream.records(null, false));
        send(first);
        assertThat(taken()).hasSize(3).allMatch(record -> record.startsWith("shop.message "));
        assertThat(sink.offsets().get(2).place(TopicGroup.LAGGING)).isEqualTo(Place.before(new Lsn(100)));
        sink.clear();
        RoutedStream second = new RoutedStream(catalog, sink, live.forLagging(), RoutedStream.records(null, false));
        send(second);
        assertThat(taken()).hasSize(2).allMatch(record -> record.startsWith("shop.public.orders "));
    }

    @Test
    void aMessageThatIsTooLargeStopsTheStreamOrHasAStandIn() throws SQLException {
        assertThatThrownBy(
                        () -> send(new RoutedStream(catalog, sink, RoutedStream.at(100, 0), 150, OversizePolicy.FAIL)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("a message with prefix \"app\" at 0/1F4")
                .hasMessageContaining("message.oversize=skip");
        sink.clear();
        send(new RoutedStream(catalog, sink, RoutedStream.at(100, 0), 150, OversizePolicy.SKIP));
        assertThat(sink.taken())
                .filteredOn(record -> record.contains("\"key\":{\"prefix\":\"app\"}"))
                .hasSize(2)
                .allMatch(record -> record.contains("\"schema\":null,\"table\":null"));
    }
}
