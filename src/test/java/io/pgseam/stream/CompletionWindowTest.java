package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.CUSTOMERS;
import static io.pgseam.stream.RoutedStream.NULL;
import static io.pgseam.stream.RoutedStream.ORDERS;
import static io.pgseam.stream.RoutedStream.UNCHANGED;
import static io.pgseam.stream.RoutedStream.at;
import static io.pgseam.stream.RoutedStream.deleteSequence;
import static io.pgseam.stream.RoutedStream.upsertSequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.Seed;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Updates whose large values were not sent, alone and among other changes. */
class CompletionWindowTest {

    private static final long MUCH = 1_000_000;

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sink = new RecordingSink();
    private final FakeRows rows = new FakeRows();

    @BeforeEach
    void tables() {
        catalog.put(ORDERS, "orders", "id", "note", "body");
        catalog.put(CUSTOMERS, "customers", "id", "name");
    }

    private RoutedStream stream(RecordingSink into, StreamPosition from, long mostBytes) throws SQLException {
        return RoutedStream.completing(catalog, into, from, rows, mostBytes);
    }

    private RoutedStream stream() throws SQLException {
        return stream(sink, at(100, 0), MUCH);
    }

    private static String order(long id, String note, String body, long lsn, long change) {
        return "shop.public.orders {\"id\":" + id + "} {\"id\":" + id + ",\"note\":\"" + note + "\",\"body\":"
                + (body == null ? "null" : "\"" + body + "\"") + ",\"__op\":0,\"__lsn\":" + lsn + ",\"__seq\":"
                + upsertSequence(change)
                + ",\"__snapshot\":false}";
    }

    private static String deleted(long id, long lsn, long change) {
        return "shop.public.orders {\"id\":" + id + "} {\"id\":" + id + ",\"__op\":1,\"__lsn\":" + lsn + ",\"__seq\":"
                + deleteSequence(change) + ",\"__snapshot\":false}";
    }

    private static String customer(long id, String name, long lsn, long change) {
        return "shop.public.customers {\"id\":" + id + "} {\"id\":" + id + ",\"name\":\"" + name
                + "\",\"__op\":0,\"__lsn\":" + lsn + ",\"__seq\":" + upsertSequence(change) + ",\"__snapshot\":false}";
    }

    @Test
    void completesManyUpdatesOfManyTransactionsAtOnceAndKeepsTheirOrder() throws SQLException {
        rows.put("orders", "1", "body", "large");
        rows.put("orders", "2", "body", "larger");
        stream()
                .transaction(
                        500,
                        "orders: id, note, body",
                        "customers: id, name",
                        "insert 1, before",
                        "orders update 1, a, ~",
                        "customers insert 2, between",
                        "orders update 2, b, ~")
                .transaction(600, "orders delete 2", "update 1, c, ~")
                .idle();
        assertThat(sink.taken())
                .containsExactly(
                        customer(1, "before", 500, 1),
                        order(1, "a", "large", 500, 2),
                        customer(2, "between", 500, 3),
                        order(2, "b", "larger", 500, 4),
                        deleted(2, 600, 1),
                        order(1, "c", "large", 600, 2));
        assertThat(sink.offsets())
                .containsExactly(at(500, 1), at(500, 2), at(500, 3), at(500, 4), at(600, 1), at(600, 2));
        assertThat(sink.transactions()).isEqualTo(2);
        assertThat(rows.asked()).containsExactly(3);
    }

    @Test
    void holdsNothingBackBeforeAnUpdateThatLacksAValue() throws SQLException {
        stream().begin(500).steps("orders: id, note, body", "insert 1, a, b", "update 1, c, d");
        assertThat(sink.taken()).hasSize(2);
        assertThat(rows.asked()).isEmpty();
    }

    @Test
    void waitsForTheEndOfATransactionThatIsOnItsWay() throws SQLException {
        rows.put("orders", "1", "body", "large");
        RoutedStream stream = stream().begin(500).steps("orders: id, note, body", "update 1, a, ~");
        stream.idle();
        assertThat(sink.taken()).isEmpty();
        stream.commit(500).idle();
        assertThat(sink.taken()).containsExactly(order(1, "a", "large", 500, 1));
    }

    @Test
    void cutsALongTransaction() throws SQLException {
        rows.put("orders", "1", "body", "large");
        RoutedStream stream = stream().begin(500).steps("orders: id, note, body");
        int updates = 2 * CompletionWindow.MOST_LOOKUPS + 10;
        for (int i = 0; i < updates; i++) {
            stream.update(ORDERS, "1", "n" + i, UNCHANGED);
        }
        assertThat(sink.taken()).hasSize(2 * CompletionWindow.MOST_LOOKUPS);
        stream.commit(500).idle();
        assertThat(rows.asked()).containsExactly(CompletionWindow.MOST_LOOKUPS, CompletionWindow.MOST_LOOKUPS, 10);
        for (int i = 0; i < updates; i++) {
            assertThat(sink.taken().get(i)).isEqualTo(order(1, "n" + i, "large", 500, i + 1));
        }
    }

    @Test
    void holdsNoMoreThanItsBytes() throws SQLException {
        rows.put("orders", "1", "body", "large");
        RoutedStream stream =
                stream(sink, at(100, 0), 10_000).begin(500).steps("orders: id, note, body", "update 1, a, ~");
        stream.insert(ORDERS, "2", "x".repeat(5_000), "small");
        assertThat(sink.taken()).isEmpty();
        stream.insert(ORDERS, "3", "x".repeat(5_000), "small");
        assertThat(sink.taken()).hasSize(3);
    }

    @Test
    void asksAgainForWhatDidNotFitIntoMemory() throws SQLException {
        rows.answerAtMost(2);
        rows.put("orders", "1", "body", "large");
        RoutedStream stream = stream().begin(500).steps("orders: id, note, body");
        for (int i = 1; i <= 5; i++) {
            stream.update(ORDERS, "1", "n" + i, UNCHANGED).insert(ORDERS, "9", "i" + i, "b");
        }
        stream.commit(500).idle();
        assertThat(rows.asked()).containsExactly(5, 3, 1);
        for (int i = 1; i <= 5; i++) {
            assertThat(sink.taken().get(2 * i - 2)).isEqualTo(order(1, "n" + i, "large", 500, 2 * i - 1));
            assertThat(sink.taken().get(2 * i - 1)).isEqualTo(order(9, "i" + i, "b", 500, 2 * i));
        }
    }

    @Test
    void usesUpTheNumberOfAnUpdateWhoseRowIsGone() throws SQLException {
        stream()
                .transaction(
                        500, "orders: id, note, body", "update 1, a, ~", "update K 3 -> 4, moved, ~", "insert 2, b, c")
                .idle();
        assertThat(sink.taken()).containsExactly(deleted(3, 500, 2), order(2, "b", "c", 500, 3));
        RecordingSink again = new RecordingSink();
        rows.put("orders", "1", "body", "there");
        rows.put("orders", "4", "body", "there too");
        stream(again, at(100, 0), MUCH)
                .transaction(
                        500, "orders: id, note, body", "update 1, a, ~", "update K 3 -> 4, moved, ~", "insert 2, b, c")
                .idle();
        assertThat(again.taken())
                .containsExactly(
                        order(1, "a", "there", 500, 1),
                        deleted(3, 500, 2),
                        order(4, "moved", "there too", 500, 2),
                        order(2, "b", "c", 500, 3));
    }

    @Test
    void writesNullWhereTheValueIsNullByNow() throws SQLException {
        rows.put("orders", "1");
        stream().transaction(500, "orders: id, note, body", "update 1, a, ~").idle();
        assertThat(sink.taken()).containsExactly(order(1, "a", null, 500, 1));
    }

    @Test
    void takesAWholeOldRowInsteadOfAsking() throws SQLException {
        stream()
                .transaction(
                        500,
                        "orders: id, note, body",
                        "update O 1, before, large -> 1, after, ~",
                        "update O 1, after, large -> 2, moved, ~");
        assertThat(rows.asked()).isEmpty();
        assertThat(sink.taken())
                .hasSize(3)
                .startsWith(order(1, "after", "large", 500, 1))
                .endsWith(order(2, "moved", "large", 500, 2));
    }

    @Test
    void takesAnUnchangedLargeKeyFromTheOldRow() throws SQLException {
        catalog.put(CUSTOMERS, "customers", "id", "name");
        rows.put("orders", "1", "body", "large");
        stream()
                .transaction(500, "orders: id, note, body", "update K 1 -> ~, a, ~", "update K 1 -> ~, b, small")
                .idle();
        assertThat(sink.taken()).containsExactly(order(1, "a", "large", 500, 1), order(1, "b", "small", 500, 2));
        assertThat(rows.asked()).containsExactly(1);
    }

    @Test
    void routesWhatIsHeldBeforeColumnsChange() throws SQLException {
        rows.put("orders", "1", "body", "large", "extra", "more");
        RoutedStream stream = stream().begin(500).steps("orders: id, note, body", "update 1, a, ~");
        catalog.put(ORDERS, "orders", "id", "note", "body", "extra");
        stream.steps("orders: id, note, body, extra", "update 1, b, ~, e")
                .commit(500)
                .idle();
        assertThat(sink.taken()).hasSize(3).startsWith(order(1, "a", "large", 500, 1));
        assertThat(sink.taken().get(1)).startsWith("shop.seam ");
        assertThat(sink.taken().get(2)).contains("\"note\":\"b\",\"body\":\"large\",\"extra\":\"e\"");
    }

    @Test
    void asksNothingForATransactionThatKafkaHas() throws SQLException {
        stream(sink, at(501, 0), MUCH)
                .transaction(500, "orders: id, note, body", "update 1, a, ~")
                .idle();
        assertThat(sink.taken()).isEmpty();
        assertThat(rows.asked()).isEmpty();
    }

    @Test
    void asksNothingForTheHalfOfATransactionThatKafkaHas() throws SQLException {
        rows.put("orders", "1", "body", "large");
        stream(sink, at(500, 1), MUCH)
                .transaction(500, "orders: id, note, body", "update 1, a, ~", "update 1, b, ~")
                .idle();
        assertThat(sink.taken()).containsExactly(order(1, "b", "large", 500, 2));
        assertThat(rows.asked()).containsExactly(1);
    }

    @Test
    void waitsUntilATransactionIsVisibleBeforeItAsksTheCatalogueForItsTables() throws SQLException {
        RoutedStream stream = stream()
                .begin(500, 77)
                .relation(ORDERS, "orders", 'f', 0, "id", "note", "body")
                .insert(ORDERS, "1", "a", "b");
        assertThat(rows.awaited()).containsExactly(77L);
        stream.commit(500);
        stream.begin(600, 78).steps("orders: id, note, body", "insert 2, a, b").commit(600);
        assertThat(rows.awaited())
                .as("what the catalogue shows is what the message says")
                .hasSize(1);
    }

    @Test
    void goesOnExactlyAfterAnyLossOfASession() throws SQLException {
        Random random = Seed.random(CompletionWindowTest.class);
        for (int key = 0; key < 10; key++) {
            rows.put("orders", String.valueOf(key), "body", "body of " + key);
        }
        long seed = random.nextLong();
        RecordingSink whole = new RecordingSink();
        transactions(stream(whole, at(100, 0), MUCH), new Random(seed));
        assertThat(whole.taken()).hasSizeGreaterThan(500);
        for (int round = 0; round < 40; round++) {
            RecordingSink interrupted = new RecordingSink();
            rows.answerAtMost(1 + random.nextInt(20));
            RoutedStream stream = stream(interrupted, at(100, 0), 2_000 + random.nextInt(20_000));
            if (random.nextBoolean()) {
                interrupted.refuseAfter(random.nextInt(whole.changes()));
            } else {
                rows.failAfter(random.nextInt(20));
            }
            assertThatThrownBy(() -> transactions(stream, new Random(seed))).isInstanceOf(SQLException.class);
            stream.restart();
            transactions(stream, new Random(seed));
            assertThat(interrupted.taken()).isEqualTo(whole.taken());
            assertThat(interrupted.offsets()).isEqualTo(whole.offsets());
        }
    }

    private static void transactions(RoutedStream stream, Random random) throws SQLException {
        for (long lsn = 500; lsn < 700; lsn++) {
            stream.begin(lsn).steps("orders: id, note, body");
            int changes = random.nextInt(8);
            for (int change = 0; change < changes; change++) {
                String key = String.valueOf(random.nextInt(12));
                switch (random.nextInt(4)) {
                    case 0 -> stream.insert(ORDERS, key, "inserted", "body");
                    case 1 -> stream.update(ORDERS, key, "updated " + change, UNCHANGED);
                    case 2 ->
                        stream.update(
                                ORDERS,
                                'K',
                                new String[] {String.valueOf(random.nextInt(12)), NULL, NULL},
                                key,
                                "moved",
                                UNCHANGED);
                    default -> stream.delete(ORDERS, 'K', key, NULL, NULL);
                }
            }
            stream.commit(lsn);
            if (random.nextInt(5) == 0) {
                stream.idle();
            }
        }
        stream.idle();
    }

    @Test
    void goesOnInTheMiddleOfATransactionWithExactlyTheRest() throws SQLException {
        for (int key = 0; key < 10; key++) {
            rows.put("orders", String.valueOf(key), "body", "body of " + key);
        }
        RecordingSink whole = new RecordingSink();
        transactions(stream(whole, at(100, 0), MUCH), new Random(1));
        List<Integer> cuts = new ArrayList<>(List.of(0, 1, 2, 3, 50, 100));
        cuts.add(whole.taken().size() - 2);
        for (int cut : cuts) {
            RecordingSink rest = new RecordingSink();
            transactions(stream(rest, whole.offsets().get(cut), MUCH), new Random(1));
            assertThat(rest.taken())
                    .as("after record " + cut)
                    .isEqualTo(whole.taken()
                            .subList(
                                    whole.firstAfter(cut, at(100, 0)),
                                    whole.taken().size()));
        }
    }

    @Test
    void passesOverATableWithoutAKeyToLookUpBy() throws SQLException {
        catalog.putWithoutKey(ORDERS, "orders", "id", "note", "body");
        stream()
                .begin(500)
                .relation(ORDERS, "orders", 'n', -1, "id", "note", "body")
                .update(ORDERS, "1", "a", UNCHANGED);
        assertThat(sink.taken())
                .last()
                .asString()
                .contains("\"missed\"", "public.orders", "0/1F4", "no key", "REPLICA IDENTITY FULL");
    }

    @Test
    void writesThePlaceholderOnlyWhereNothingIsAtHand() throws SQLException {
        RoutedStream stream = RoutedStream.withPlaceholder(catalog, sink, at(100, 0), "n/a");
        stream.transaction(
                500,
                "orders: id, note, body",
                "update 1, a, ~",
                "update K 1 -> ~, b, ~",
                "update O 1, b, large -> 1, c, ~");
        assertThat(sink.taken())
                .containsExactly(
                        order(1, "a", "n/a", 500, 1), order(1, "b", "n/a", 500, 2), order(1, "c", "large", 500, 3));
    }

    @Test
    void failsOnlyWhereNothingIsAtHand() throws SQLException {
        RoutedStream stream = new RoutedStream(catalog, sink, at(100, 0));
        stream.begin(500)
                .steps("orders: id, note, body", "update K 1 -> ~, a, small", "update O 1, a, large -> 1, b, ~");
        assertThat(sink.taken()).containsExactly(order(1, "a", "small", 500, 1), order(1, "b", "large", 500, 2));
        assertThatThrownBy(() -> stream.update(ORDERS, "1", "c", UNCHANGED))
                .isInstanceOf(ConnectException.class)
                .hasMessageContainingAll(
                        "public.orders",
                        "0/1F4",
                        "toast.unchanged=fail",
                        "toast.unchanged=complete",
                        "REPLICA IDENTITY");
    }
}
