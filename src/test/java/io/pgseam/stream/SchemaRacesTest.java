package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.ORDERS;
import static io.pgseam.stream.RoutedStream.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.ReplicaIdentity;
import java.sql.SQLException;
import java.util.List;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The catalogue shows the present, and the stream is behind it: what holds is what the stream says. */
class SchemaRacesTest {

    private static final String TOPIC = "shop.public.orders";

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sink = new RecordingSink(catalog.ledger());

    @BeforeEach
    void tables() {
        catalog.put(ORDERS, "orders", "id", "note");
    }

    private RoutedStream stream() {
        return new RoutedStream(catalog, sink, at(100, 0));
    }

    private String taken(int index) {
        return sink.taken().get(index);
    }

    @Test
    void aColumnThatIsRenamedTwiceByNowHasTheNameThatItHad() throws SQLException {
        catalog.put(ORDERS, "orders", "id", "comment");
        stream()
                .transaction(
                        500,
                        "orders: id, note",
                        "insert 1, a",
                        "orders: id, remark",
                        "insert 2, b",
                        "orders: id, comment",
                        "insert 3, c");
        assertThat(sink.taken()).hasSize(5);
        assertThat(taken(0)).startsWith(TOPIC + " {\"id\":1} {\"id\":1,\"note\":\"a\"");
        assertThat(taken(1))
                .as("the catalogue does not know this name any more")
                .contains("column_renamed\",\"column\":\"remark\",\"from\":\"note\"", "\"after_seq\":4");
        assertThat(taken(2)).startsWith(TOPIC + " {\"id\":2} {\"id\":2,\"remark\":\"b\"");
        assertThat(taken(3)).contains("column_renamed\",\"column\":\"comment\",\"from\":\"remark\"");
        assertThat(taken(4)).startsWith(TOPIC + " {\"id\":3} {\"id\":3,\"comment\":\"c\"");
    }

    @Test
    void recordsOfATableThatIsRenamedByNowGoToTheTopicOfItsNameThen() throws SQLException {
        catalog.put(ORDERS, "sales", "id", "note");
        stream()
                .transaction(500, "orders: id, note", "insert 1, then")
                .transaction(600, "sales: id, note", "insert 2, now");
        assertThat(taken(0)).startsWith(TOPIC + " {\"id\":1}");
        assertThat(taken(1)).contains("table_renamed", "\"from_table\":\"orders\"", "\"topic\":\"shop.public.sales\"");
        assertThat(taken(2)).startsWith("shop.public.sales {\"id\":2}");
    }

    @Test
    void theListsOfTablesAreAskedForTheNameThen() throws SQLException {
        catalog.put(ORDERS, "other_orders", "id", "note");
        stream()
                .transaction(
                        500,
                        "orders: id, note",
                        "insert 1, selected",
                        "other_orders: id, note",
                        "insert 2, not selected any more");
        assertThat(sink.taken()).hasSize(1);
        assertThat(taken(0)).startsWith(TOPIC + " {\"id\":1}");

        catalog.put(ORDERS, "orders", "id", "note");
        RecordingSink before = new RecordingSink();
        new RoutedStream(catalog, before, at(100, 0))
                .transaction(500, "other_orders: id, note", "insert 1, not selected yet");
        assertThat(before.taken()).isEmpty();
    }

    /** A generated column is not published, so updates and deletes would not tell it. */
    @Test
    void aPartOfAKeyIsNone() throws SQLException {
        catalog.put(
                ORDERS,
                "orders",
                ReplicaIdentity.DEFAULT,
                List.of("id", "generated_kind"),
                "id",
                "note",
                "generated_kind");
        stream()
                .begin(500)
                .relation(ORDERS, "orders", 'd', List.of("id"), "id", "note")
                .insert(ORDERS, "1", "a")
                .commit(500);
        assertThat(sink.taken()).hasSize(2);
        assertThat(taken(0)).contains("key_changed\",\"from\":[\"id\"],\"to\":[]");
        assertThat(taken(1)).startsWith(TOPIC + " null {\"id\":1,\"note\":\"a\"");
    }

    @Test
    void theKeyIsWhatTheStreamCallsTheKey() throws SQLException {
        catalog.put(ORDERS, "orders", ReplicaIdentity.DEFAULT, List.of("note"), "id", "note");
        stream()
                .transaction(500, "orders: id, note", "insert 1, a")
                .transaction(600, "orders (note): id, note", "insert 2, b");
        assertThat(taken(0)).startsWith(TOPIC + " {\"id\":1} ");
        assertThat(taken(1)).contains("key_changed\",\"from\":[\"id\"],\"to\":[\"note\"]");
        assertThat(taken(2)).startsWith(TOPIC + " {\"note\":\"b\"} ");
    }

    @Test
    void theColumnsOfAKeyKeepTheirOrderWhenTheCatalogueHasAnotherKeyByNow() throws SQLException {
        FakeCatalog composite = new FakeCatalog();
        composite.put(ORDERS, "orders", ReplicaIdentity.DEFAULT, List.of("b", "a"), "id", "a", "b");
        composite.put(ORDERS, "orders", ReplicaIdentity.DEFAULT, List.of("id"), "id", "a", "b");
        new RoutedStream(composite, sink, at(100, 0)).transaction(500, "orders (a, b): id, a, b", "insert 1, x, y");
        assertThat(sink.taken()).hasSize(1);
        assertThat(taken(0)).startsWith(TOPIC + " {\"b\":\"y\",\"a\":\"x\"} ");
    }

    @Test
    void aDroppedTableWithFullIdentityKeepsItsKey() throws SQLException {
        FakeCatalog full = new FakeCatalog();
        full.put(ORDERS, "orders", ReplicaIdentity.FULL, List.of("id"), "id", "note");
        full.drop(ORDERS);
        new RoutedStream(full, sink, at(100, 0))
                .transaction(500, "orders FULL: id, note", "insert 1, a", "delete O 1, a");
        assertThat(sink.taken())
                .hasSize(2)
                .allSatisfy(record -> assertThat(record).startsWith(TOPIC + " {\"id\":1} {\"id\":1,\"note\":\"a\""));
    }

    @Test
    void theKeyOfATableIsThatOfTheTransactionAtHandAlsoBeforeOthersSeeIt() throws SQLException {
        FakeCatalog full = new FakeCatalog();
        full.putInvisible(ORDERS, "orders", ReplicaIdentity.FULL, List.of("note"), "id", "note");
        new RoutedStream(full, sink, at(100, 0)).transaction(500, "orders FULL: id, note", "insert 1, a");
        assertThat(taken(0)).contains("first_seen", "\"key\":[\"note\"]");
        assertThat(taken(1)).startsWith(TOPIC + " {\"note\":\"a\"} ");
    }

    @Test
    void changesThatAreReadAgainHaveTheKeyThatTheyHad() throws SQLException {
        FakeCatalog full = new FakeCatalog();
        RecordingSink first = new RecordingSink(full.ledger());
        full.put(ORDERS, "orders", ReplicaIdentity.FULL, List.of("id"), "id", "note");
        RoutedStream stream =
                new RoutedStream(full, first, at(100, 0)).transaction(500, "orders FULL: id, note", "insert 1, a");
        full.put(ORDERS, "orders", ReplicaIdentity.FULL, List.of("note"), "id", "note");
        stream.transaction(600, "orders insert 2, b", "orders FULL: id, note", "insert 3, c");
        assertThat(first.taken()).hasSize(4);
        assertThat(first.taken().get(2)).contains("key_changed");

        // A task that starts again: a description comes once, before the first change.
        new RoutedStream(full, sink, at(100, 0))
                .transaction(500, "orders FULL: id, note", "insert 1, a")
                .transaction(600, "orders insert 2, b", "insert 3, c");
        assertThat(sink.taken())
                .containsExactly(
                        first.taken().get(0),
                        first.taken().get(1),
                        first.taken().get(3));
    }

    @Test
    void aChangeWhileTheTaskWasAwayIsTold() throws SQLException {
        catalog.put(ORDERS, "orders", "id", "note", "more");
        stream().transaction(500, "orders: id, note, more", "insert 1, a, b");
        assertThat(taken(0)).contains("column_added\",\"column\":\"more\"", "\"lsn\":\"0/1F4\"");
    }

    @Test
    void saysTheSameOnlyOnce() throws SQLException {
        catalog.put(ORDERS, "orders", "id", "note", "more");
        for (int session = 0; session < 2; session++) {
            stream().transaction(500, "orders: id, note, more", "insert 1, a, b");
        }
        assertThat(sink.taken())
                .filteredOn(record -> record.contains("column_added"))
                .hasSize(1);
    }

    @Test
    void aRefusedSchemaRecordIsMadeAgain() throws SQLException {
        catalog.put(ORDERS, "orders", "id", "note", "more");
        RoutedStream stream = stream().begin(500).steps("orders: id, note, more");
        sink.refuseAfter(0);
        assertThatThrownBy(() -> stream.insert(ORDERS, "1", "a", "b")).isInstanceOf(SQLException.class);
        stream.router().restart();
        stream.transaction(500, "orders: id, note, more", "insert 1, a, b");
        assertThat(sink.taken()).hasSize(2);
        assertThat(taken(0)).contains("column_added");
    }

    @Test
    void valuesOfATypeThatIsDroppedByNowAreText() throws SQLException {
        catalog.dropType(25);
        stream().transaction(500, "orders: id, note", "insert 1, sad", "delete 1");
        assertThat(sink.taken()).anySatisfy(record -> assertThat(record).contains("{\"id\":1,\"note\":\"sad\""));
    }

    @Test
    void asksNothingForADescriptionThatNoChangeNeeds() throws SQLException {
        stream().transaction(500, "orders: id, extra");
        assertThat(catalog.looks()).isZero();
        assertThat(sink.taken()).isEmpty();
    }

    @Test
    void aColumnNamedLikeAMetadataFieldIsSaidWithWhatToDo() throws SQLException {
        stream().begin(500).steps("orders: id, __op").insert(ORDERS, "1", "x");
        assertThat(sink.taken())
                .singleElement()
                .asString()
                .contains("\"missed\"", "public.orders has a column __op", "flat.metadata.fields");
    }

    @Test
    void tellsTheOffsetsOnceTheyAreKnown() throws SQLException {
        RoutedStream stream = stream().transaction(500, "orders: id, note", "insert 1, a", "insert 2, a");
        catalog.put(ORDERS, "orders", "id", "note", "more");
        stream.transaction(600, "orders: id, note, more", "insert 3, a, b");
        acknowledge(stream, 0, 0, 40);
        acknowledge(stream, 1, 1, 70);
        stream.offsets().committed();
        stream.router().durable(at(500, 2));
        assertThat(sink.taken()).noneMatch(record -> record.contains("schema_offsets"));
        acknowledge(stream, 2, 1, 73);
        stream.offsets().committed();
        stream.router().durable(at(600, 1));
        assertThat(taken(sink.taken().size() - 1))
                .contains("schema_offsets", "\"offsets_exact\":true", "\"offsets\":{\"0\":41,\"1\":73}");
        assertThat(sink.transactions())
                .as("it does not wait for the next change")
                .isEqualTo(3);
        int records = sink.taken().size();
        stream.router().durable(at(600, 1));
        assertThat(sink.taken()).hasSize(records);
        assertThat(catalog.ledger().get(ORDERS).last().located()).isTrue();
    }

    @Test
    void tellsNoOffsetsWhileConnectAcknowledgesWhatItHasCommitted() throws SQLException {
        RoutedStream stream = stream()
                .begin(500)
                .relation(ORDERS, "orders", "id", "note")
                .insert(ORDERS, "1", "a")
                .insert(ORDERS, "2", "a")
                .commit(500);
        catalog.put(ORDERS, "orders", "id", "note", "more");
        stream.begin(600)
                .relation(ORDERS, "orders", "id", "note", "more")
                .insert(ORDERS, "3", "a", "b")
                .insert(ORDERS, "4", "a", "b")
                .commit(600);
        // All is one Kafka transaction and committed; acknowledgements follow, in any order.
        acknowledge(stream, 3, 1, 74);
        acknowledge(stream, 0, 0, 40);
        stream.router().durable(at(600, 2));
        assertThat(sink.taken()).noneMatch(record -> record.contains("schema_offsets"));
        acknowledge(stream, 1, 1, 72);
        acknowledge(stream, 2, 1, 73);
        stream.offsets().committed();
        // Those of the next transaction are on their way again.
        stream.begin(700)
                .insert(ORDERS, "5", "a", "b")
                .insert(ORDERS, "6", "a", "b")
                .commit(700);
        acknowledge(stream, 5, 0, 42);
        stream.router().durable(at(600, 2));
        assertThat(taken(sink.taken().size() - 1))
                .contains("schema_offsets", "\"offsets_exact\":true", "\"offsets\":{\"0\":41,\"1\":73}");
    }

    @Test
    void saysThatOffsetsAreNotExactWhenAnEarlierTaskDidNotTell() throws SQLException {
        catalog.put(ORDERS, "orders", "id", "note", "more");
        stream().transaction(600, "orders: id, note, more", "insert 3, a, b");
        RecordingSink later = new RecordingSink(catalog.ledger());
        RoutedStream stream = new RoutedStream(catalog, later, at(600, 1))
                .transaction(700, "orders: id, note, more", "insert 4, a, b");
        stream.offsets().acknowledged(later.records().get(0), position(0, 90));
        stream.offsets().committed();
        stream.router().durable(at(700, 1));
        assertThat(later.taken()).hasSize(2);
        assertThat(later.taken().get(1))
                .contains("schema_offsets", "\"lsn\":\"0/258\"", "\"offsets_exact\":false", "\"offsets\":{\"0\":90}");
    }

    private void acknowledge(RoutedStream stream, int index, int partition, long offset) {
        SourceRecord record = sink.records().get(index);
        stream.offsets().acknowledged(record, position(partition, offset));
    }

    private static RecordMetadata position(int partition, long offset) {
        return new RecordMetadata(new TopicPartition(TOPIC, partition), offset, 0, 0, 0, 0);
    }
}
