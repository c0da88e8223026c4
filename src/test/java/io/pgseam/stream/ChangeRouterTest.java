package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.CUSTOMERS;
import static io.pgseam.stream.RoutedStream.NULL;
import static io.pgseam.stream.RoutedStream.ORDERS;
import static io.pgseam.stream.RoutedStream.at;
import static io.pgseam.stream.RoutedStream.deleteSequence;
import static io.pgseam.stream.RoutedStream.upsertSequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.task.OversizePolicy;
import io.pgseam.testing.Seed;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangeRouterTest {

    private static final int LIMIT = 1_000;
    private static final String LARGE = "x".repeat(LIMIT);

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void tables() {
        catalog.put(ORDERS, "orders", "id", "note");
        catalog.put(CUSTOMERS, "customers", "id", "name");
    }

    private RoutedStream stream(long lsn, long sequence) {
        return new RoutedStream(catalog, sink, at(lsn, sequence));
    }

    private static String upsert(long id, String note, long lsn, long change) {
        return "shop.public.orders {\"id\":" + id + "} {\"id\":" + id + ",\"note\":\"" + note
                + "\",\"__op\":0,\"__lsn\":" + lsn + ",\"__seq\":" + upsertSequence(change) + ",\"__snapshot\":false}";
    }

    private static String delete(long id, long lsn, long change) {
        return "shop.public.orders {\"id\":" + id + "} {\"id\":" + id + ",\"__op\":1,\"__lsn\":" + lsn + ",\"__seq\":"
                + deleteSequence(change) + ",\"__snapshot\":false}";
    }

    @Test
    void namesChangesByCommitAndWalRecord() throws SQLException {
        stream(100, 0)
                .transaction(500, "orders: id, note", "insert 1, new", "update 1, changed", "delete 1")
                .transaction(600, "orders insert 2, next");
        assertThat(sink.taken())
                .containsExactly(
                        upsert(1, "new", 500, 1),
                        upsert(1, "changed", 500, 2),
                        delete(1, 500, 3),
                        upsert(2, "next", 600, 1));
        assertThat(sink.offsets()).containsExactly(at(500, 1), at(500, 2), at(500, 3), at(600, 1));
        assertThat(sink.transactions()).isEqualTo(2);
    }

    @Test
    void makesADeleteAndAnUpsertOfAChangedKey() throws SQLException {
        stream(100, 0).transaction(500, "orders: id, note", "insert 1, a", "update K 1 -> 2, a", "insert 3, b");
        assertThat(sink.taken())
                .containsExactly(
                        upsert(1, "a", 500, 1), delete(1, 500, 2), upsert(2, "a", 500, 2), upsert(3, "b", 500, 3));
        assertThat(sink.offsets())
                .as("no position is within a change")
                .containsExactly(at(500, 1), at(500, 1), at(500, 2), at(500, 3));
    }

    @Test
    void makesOneUpsertWhereTheKeyStays() throws SQLException {
        stream(100, 0).transaction(500, "orders: id, note", "update O 1, before -> 1, after");
        assertThat(sink.taken()).containsExactly(upsert(1, "after", 500, 1));
    }

    @Test
    void leavesOutTransactionsThatCommittedBeforeItsPosition() throws SQLException {
        stream(500, 0)
                .transaction(
                        499,
                        "orders: id, note",
                        "insert 1, in Kafka",
                        "update K 1 -> 2, in Kafka",
                        "delete 2",
                        "truncate")
                .transaction(500, "orders insert 3, new");
        assertThat(sink.taken()).containsExactly(upsert(3, "new", 500, 1));
    }

    @Test
    void goesOnInTheMiddleOfATransactionWithExactlyTheRest() throws SQLException {
        RecordingSink whole = new RecordingSink();
        transaction(new RoutedStream(catalog, whole, at(100, 0)));
        assertThat(whole.taken()).hasSizeGreaterThan(1_000);
        for (int cut = 0; cut < whole.taken().size(); cut++) {
            if (cut > 20 && cut % 97 != 0) {
                continue;
            }
            RecordingSink rest = new RecordingSink();
            StreamPosition from = whole.offsets().get(cut);
            transaction(new RoutedStream(catalog, rest, from));
            int first = whole.firstAfter(cut, at(100, 0));
            assertThat(rest.taken())
                    .as("after record " + cut)
                    .isEqualTo(whole.taken().subList(first, whole.taken().size()));
            assertThat(rest.offsets())
                    .isEqualTo(whole.offsets().subList(first, whole.offsets().size()));
        }
    }

    private static void transaction(RoutedStream stream) throws SQLException {
        stream.begin(500).steps("orders: id, note");
        for (int id = 0; id < 1_000; id++) {
            stream.insert(ORDERS, String.valueOf(id), "row");
            if (id % 10 == 0) {
                stream.update(ORDERS, 'K', new String[] {String.valueOf(id), NULL}, String.valueOf(-id - 1), "moved");
            }
            if (id == 507) {
                stream.truncate(ORDERS);
            }
        }
        stream.commit(500);
    }

    @Test
    void leavesNothingOutWhenTheSessionEndsWhileARecordWaitsForRoom() throws SQLException {
        Random random = Seed.random(ChangeRouterTest.class);
        RecordingSink whole = new RecordingSink();
        transaction(new RoutedStream(catalog, whole, at(100, 0)));
        for (int round = 0; round < 30; round++) {
            RecordingSink interrupted = new RecordingSink();
            RoutedStream stream = new RoutedStream(catalog, interrupted, at(100, 0));
            interrupted.refuseAfter(random.nextInt(whole.changes()));
            assertThatThrownBy(() -> transaction(stream)).isInstanceOf(SQLException.class);
            assertThat(interrupted.refusals()).isEqualTo(1);
            stream.restart();
            transaction(stream);
            assertThat(interrupted.taken()).isEqualTo(whole.taken());
            assertThat(interrupted.offsets()).isEqualTo(whole.offsets());
        }
    }

    @Test
    void stopsAtTheFirstRecordThatIsRefused() throws SQLException {
        RoutedStream stream = stream(100, 0).begin(500).steps("orders: id, note");
        sink.refuseAfter(0);
        assertThatThrownBy(() -> stream.update(ORDERS, 'K', new String[] {"1", NULL}, "2", "moved"))
                .isInstanceOf(SQLException.class);
        assertThat(sink.taken())
                .as("not the upsert without the delete before it")
                .isEmpty();
        assertThat(stream.router().position()).isEqualTo(at(100, 0));
    }

    @Test
    void forgetsATransactionThatWasCutOff() throws SQLException {
        RoutedStream stream = stream(100, 0).begin(500);
        assertThat(stream.inTransaction()).isTrue();
        stream.restart();
        assertThat(stream.inTransaction()).isFalse();
    }

    @Test
    void writesOfATruncateToTheControlTopic() throws SQLException {
        stream(100, 0)
                .transaction(
                        500,
                        "orders: id, note",
                        "customers: id, name",
                        "truncate orders, other, customers",
                        "orders insert 1, after");
        assertThat(sink.taken()).hasSize(3);
        assertThat(sink.taken().get(0))
                .startsWith("shop.seam ")
                .contains("truncate", "\"orders\"", "\"0/1F4\"", "\"after_seq\":0");
        assertThat(sink.taken().get(1)).startsWith("shop.seam ").contains("truncate", "\"customers\"");
        assertThat(sink.taken().get(2)).contains("\"__seq\":16,");
        assertThat(sink.offsets())
                .extracting(position -> position.live().last())
                .containsExactly(
                        at(100, 0).live().last(),
                        at(500, 1).live().last(),
                        at(500, 2).live().last());
    }

    @Test
    void failsAtATruncateWhereThatIsThePolicy() throws SQLException {
        RoutedStream stream = new RoutedStream(catalog, sink, at(100, 0), true, false);
        stream.begin(500).steps("orders: id, note");
        assertThatThrownBy(() -> stream.truncate(ORDERS))
                .isInstanceOf(ConnectException.class)
                .hasMessageContainingAll("public.orders", "0/1F4", "shop.public.orders", "truncate.policy=log");
        assertThat(sink.taken()).isEmpty();
    }

    @Test
    void doesNotFailAtATruncateThatKafkaHasAlready() throws SQLException {
        new RoutedStream(catalog, sink, at(500, 1), true, false)
                .transaction(500, "orders: id, note", "truncate", "insert 1, after");
        assertThat(sink.taken()).containsExactly(upsert(1, "after", 500, 2));
    }

    @Test
    void numbersNoTombstones() throws SQLException {
        RoutedStream stream = new RoutedStream(catalog, sink, at(100, 0), false, true);
        stream.transaction(500, "orders: id, note", "delete 1", "insert 2, after");
        assertThat(sink.taken())
                .containsExactly(delete(1, 500, 1), "shop.public.orders {\"id\":1} null", upsert(2, "after", 500, 2));
        assertThat(sink.offsets()).containsExactly(at(100, 0), at(500, 1), at(500, 2));
    }

    @Test
    void passesOverTablesThatAreNotCaptured() throws SQLException {
        stream(100, 0).transaction(500, "other: id, note", "insert 1, x", "update 1, y", "delete 1", "truncate");
        assertThat(sink.taken()).isEmpty();
        assertThat(sink.transactions()).isEqualTo(1);
    }

    @Test
    void takesChangedColumnsFromTheirRelationMessageOn() throws SQLException {
        RoutedStream stream = stream(100, 0).transaction(500, "orders: id, note", "insert 1, old");
        catalog.put(ORDERS, "orders", "id", "note", "extra");
        stream.transaction(600, "orders: id, note, extra", "insert 2, new, more");
        assertThat(sink.taken()).hasSize(3);
        assertThat(sink.taken().get(1))
                .startsWith("shop.seam ")
                .contains("\"schema\"", "\"0/258\"", "column_added\",\"column\":\"extra\"");
        assertThat(sink.taken().get(2)).contains("\"note\":\"new\",\"extra\":\"more\"", "\"__seq\":4");
        assertThat(sink.offsets()).containsExactly(at(500, 1), at(600, 1));
    }

    @Test
    void readsAnOldTransactionWithTheColumnsThatItHad() throws SQLException {
        // The catalogue shows the present: a column was dropped since the transaction at hand.
        catalog.put(ORDERS, "orders", "id");
        stream(100, 0).transaction(500, "orders: id, note", "insert 1, then");
        assertThat(sink.taken()).containsExactly(upsert(1, "then", 500, 1));
    }

    @Test
    void readsChangesOfATableThatIsDroppedByNow() throws SQLException {
        catalog.drop(ORDERS);
        stream(100, 0).transaction(500, "orders: id, note", "insert 1, then");
        assertThat(sink.taken()).containsExactly(upsert(1, "then", 500, 1));
    }

    @Test
    void saysNothingOfColumnsThatDidNotChange() throws SQLException {
        RoutedStream stream = stream(100, 0).begin(500).steps("orders: id, note");
        int looks = catalog.looks();
        stream.relation(ORDERS, "orders", "id", "note").commit(500);
        assertThat(sink.taken()).isEmpty();
        assertThat(catalog.looks()).isEqualTo(looks);
    }

    @Test
    void picksExcludedColumnsOut() throws SQLException {
        catalog.exclude("secret");
        stream(100, 0)
                .transaction(
                        500,
                        "orders: id, secret, note",
                        "insert 1, hidden, seen",
                        "update 1, ~, again",
                        "update K 1 -> 2, hidden, moved",
                        "delete 2");
        assertThat(sink.taken())
                .containsExactly(
                        upsert(1, "seen", 500, 1),
                        upsert(1, "again", 500, 2),
                        delete(1, 500, 3),
                        upsert(2, "moved", 500, 3),
                        delete(2, 500, 4));
    }

    @Test
    void heartbeatsMoveThePositionOnAndNeverBack() throws SQLException {
        RoutedStream stream = stream(500, 3);
        stream.router().heartbeat(new Lsn(700));
        stream.router().heartbeat(new Lsn(600));
        assertThat(sink.offsets()).containsExactly(at(700, 0), at(700, 0));
        assertThat(sink.taken()).allSatisfy(record -> assertThat(record).contains("heartbeat", "\"0/2BC\""));
        // A commit exactly there is still to come.
        stream.transaction(700, "orders: id, note", "insert 1, new");
        assertThat(sink.taken().get(2)).isEqualTo(upsert(1, "new", 700, 1));
    }

    @Test
    void keysMessagesByOtherColumnsAndTellsWhichRowIsGone() throws SQLException {
        catalog.putKeyedBy(ORDERS, "orders", "note", "id", "note");
        stream(100, 0)
                .begin(500)
                .steps("orders: id, note", "insert 1, a")
                // Another key of the messages; another row, the messages' key stays.
                .steps("update O 1, a -> 1, b", "update O 1, b -> 2, b", "update O 2, b -> 2, b", "delete O 2, b")
                .commit(500);
        assertThat(sink.taken())
                .extracting(record -> record.substring(0, record.indexOf(",\"__lsn")))
                .containsExactly(
                        "shop.public.orders {\"note\":\"a\"} {\"id\":1,\"note\":\"a\",\"__op\":0",
                        "shop.public.orders {\"note\":\"a\"} {\"id\":1,\"note\":\"a\",\"__op\":1",
                        "shop.public.orders {\"note\":\"b\"} {\"id\":1,\"note\":\"b\",\"__op\":0",
                        "shop.public.orders {\"note\":\"b\"} {\"id\":1,\"note\":\"b\",\"__op\":1",
                        "shop.public.orders {\"note\":\"b\"} {\"id\":2,\"note\":\"b\",\"__op\":0",
                        "shop.public.orders {\"note\":\"b\"} {\"id\":2,\"note\":\"b\",\"__op\":0",
                        "shop.public.orders {\"note\":\"b\"} {\"id\":2,\"note\":\"b\",\"__op\":1");
    }

    @Test
    void passesOverATableIfAChangeDoesNotTellTheOldKey() throws SQLException {
        catalog.putKeyedBy(ORDERS, "orders", "note", "id", "note");
        for (Change change : List.<Change>of(
                stream -> stream.delete(ORDERS, 'K', "1", NULL),
                stream -> stream.update(ORDERS, 'K', new String[] {"1", NULL}, "2", "a"),
                stream -> stream.update(ORDERS, "1", "perhaps another key"))) {
            RecordingSink taken = new RecordingSink();
            change.send(new RoutedStream(catalog, taken, RoutedStream.at(100, 0))
                    .begin(500)
                    .steps("orders: id, note", "insert 1, a"));
            assertThat(taken.taken())
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains(
                            "\"missed\"", "public.orders at LSN 0/1F4", "message.key.columns", "REPLICA IDENTITY FULL")
                    .doesNotContain("perhaps");
        }
    }

    @Test
    void passesOverATableIfAColumnOfTheMessagesKeyIsGone() throws SQLException {
        catalog.putKeyedBy(ORDERS, "orders", "note", "id", "note");
        stream(100, 0)
                .begin(500)
                .steps("orders: id, note")
                .relation(ORDERS, "orders", "id", "other")
                .insert(ORDERS, "1", "a");
        assertThat(sink.taken())
                .singleElement()
                .asString()
                .contains("\"missed\"", "note", "of table public.orders", "message.key.columns");
    }

    private interface Change {
        void send(RoutedStream stream) throws SQLException;
    }

    @Test
    void aHeartbeatThatIsNotTakenMovesNothing() {
        RoutedStream stream = stream(500, 3);
        sink.refuseAfter(0);
        assertThatThrownBy(() -> stream.router().heartbeat(new Lsn(700))).isInstanceOf(SQLException.class);
        assertThat(stream.router().position()).isEqualTo(at(500, 3));
    }

    @Test
    void keepsTheOrderOfRandomTransactions() throws SQLException {
        Random random = Seed.random(ChangeRouterTest.class);
        RoutedStream stream = stream(100, 0);
        List<String> expected = new ArrayList<>();
        for (long lsn = 500; lsn < 700; lsn += 1 + random.nextInt(3)) {
            stream.begin(lsn).steps("orders: id, note");
            int changes = random.nextInt(5);
            for (int change = 1; change <= changes; change++) {
                int id = random.nextInt(10);
                if (random.nextBoolean()) {
                    stream.insert(ORDERS, String.valueOf(id), "v" + change);
                    expected.add(upsert(id, "v" + change, lsn, change));
                } else {
                    stream.delete(ORDERS, 'K', String.valueOf(id), NULL);
                    expected.add(delete(id, lsn, change));
                }
            }
            stream.commit(lsn);
        }
        assertThat(sink.taken()).isEqualTo(expected);
    }

    @Test
    void aRecordThatIsTooLargeStopsTheStreamAndSaysWhatToDo() {
        RoutedStream stream = new RoutedStream(catalog, sink, at(100, 0), LIMIT, OversizePolicy.FAIL);
        assertThatThrownBy(() -> stream.begin(500)
                        .steps("orders: id, note", "insert 1, small")
                        .insert(ORDERS, "77777", LARGE))
                .isInstanceOf(ConnectException.class)
                .hasMessageContainingAll(
                        "public.orders (key id) at 0/1F4 has ",
                        "the producer takes " + LIMIT,
                        "producer.override.max.request.size",
                        "message.oversize=skip")
                .hasMessageNotContaining("77777");
        assertThat(sink.taken()).containsExactly(upsert(1, "small", 500, 1));
    }

    @Test
    void aRecordThatIsTooLargeIsLeftOutAndToldWithItsOffset() throws SQLException {
        new RoutedStream(catalog, sink, at(100, 0), LIMIT, OversizePolicy.SKIP)
                .begin(500)
                .steps("orders: id, note", "insert 1, small")
                .insert(ORDERS, "2", LARGE)
                .update(ORDERS, 'K', new String[] {"1", NULL}, "3", LARGE)
                .insert(ORDERS, "4", "small")
                .commit(500);
        assertThat(sink.taken()).hasSize(5);
        assertThat(sink.taken().get(0)).isEqualTo(upsert(1, "small", 500, 1));
        assertThat(sink.taken().get(1))
                .startsWith(
                        "shop.seam {\"type\":\"oversize\",\"server\":\"shop\",\"schema\":\"public\",\"table\":\"orders\","
                                + "\"key\":{\"id\":2}} ")
                .contains("\"lsn\":\"0/1F4\",\"seq\":8,\"bytes\":")
                .doesNotContain("xxx");
        assertThat(sink.taken().get(2)).isEqualTo(delete(1, 500, 3));
        assertThat(sink.taken().get(3)).startsWith("shop.seam ").contains("\"key\":{\"id\":3}");
        assertThat(sink.taken().get(4)).isEqualTo(upsert(4, "small", 500, 4));
        assertThat(sink.offsets()).containsExactly(at(500, 1), at(500, 2), at(500, 2), at(500, 3), at(500, 4));
    }

    @Test
    void aDeleteThatIsTooLargeForItsOldRowHasTheKeyAlone() throws SQLException {
        new RoutedStream(catalog, sink, at(100, 0), LIMIT, OversizePolicy.FAIL)
                .begin(500)
                .steps("orders: id, note")
                .delete(ORDERS, 'O', "1", LARGE)
                .update(ORDERS, 'O', new String[] {"2", LARGE}, "3", "small")
                .commit(500);
        assertThat(sink.taken()).containsExactly(delete(1, 500, 1), delete(2, 500, 2), upsert(3, "small", 500, 2));
    }
}
