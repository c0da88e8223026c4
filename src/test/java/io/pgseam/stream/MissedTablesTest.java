package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.CUSTOMERS;
import static io.pgseam.stream.RoutedStream.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No record can be made of a captured table's changes any more: the others go on, and nothing is lost without a word (I10, I14). */
final class MissedTablesTest {

    private final RecordingSink sink = new RecordingSink();
    private final FakeCatalog catalog = new FakeCatalog();

    MissedTablesTest() {
        catalog.put(ORDERS, "orders", "id", "note");
        catalog.put(CUSTOMERS, "customers", "id", "name");
    }

    private RoutedStream stream() {
        return new RoutedStream(catalog, sink, RoutedStream.at(100, 0));
    }

    /** What is sent of the two tables when orders cannot be, from its second change on. */
    private void assertOnlyOrdersIsMissed(RoutedStream stream, String... orders) throws SQLException {
        stream.transaction(500, "orders: id, note", "insert 1, before", "customers: id, name", "insert 1, before");
        catalog.put(ORDERS, "orders", orders);
        stream.begin(600)
                .steps("orders: " + String.join(", ", published(orders)), "insert 2, x", "customers insert 2, after")
                .steps("orders insert 3, x")
                .commit(600);
        catalog.put(ORDERS, "orders", "id", "note");
        stream.transaction(700, "orders: id, note", "insert 4, fit again", "customers insert 3, after");
        List<String> rows = sink.taken().stream()
                .filter(record -> record.startsWith("shop.public"))
                .toList();
        assertThat(rows)
                .filteredOn(row -> row.contains("public.orders"))
                .singleElement()
                .asString()
                .contains("before");
        assertThat(rows).filteredOn(row -> row.contains("public.customers")).hasSize(3);
        assertThat(sink.taken())
                .filteredOn(record -> record.contains("\"missed\""))
                .singleElement()
                .asString()
                .contains("\"table\":\"orders\"", "\"oid\":" + ORDERS, "\"lsn\":\"0/258\"", "\"reason\"");
    }

    /** Column lists may leave out what begins with "hidden". */
    private static String[] published(String... columns) {
        return List.of(columns).stream()
                .filter(column -> !column.equals("id") || !List.of(columns).contains("unkeyed"))
                .toArray(String[]::new);
    }

    @Test
    void aColumnThatNoMessageCanHave() throws Exception {
        catalog.putIntoPlan(ORDERS, "orders");
        assertOnlyOrdersIsMissed(stream(), "id", "__op");
    }

    @Test
    void aKeyColumnThatIsNotPublishedAnyLonger() throws Exception {
        catalog.putIntoPlan(ORDERS, "orders");
        assertOnlyOrdersIsMissed(stream(), "id", "note", "unkeyed");
    }

    @Test
    void whatTheLedgerSaysHoldsUntilTheTableIsCopiedAgain() throws Exception {
        catalog.putIntoPlan(ORDERS, "orders");
        catalog.putMissed(ORDERS, 1);
        stream().transaction(500, "orders: id, note", "insert 1, fit again");
        assertThat(sink.taken()).isEmpty();
        catalog.putMissed(ORDERS, 0);
        stream().transaction(500, "orders: id, note", "insert 1, copied since");
        assertThat(sink.taken()).singleElement().asString().contains("copied since");
    }

    /** A partition that was made since, or is published by itself now, can be copied again like any other table. */
    @Test
    void aTableThatThePlanDoesNotHave() throws Exception {
        assertOnlyOrdersIsMissed(stream(), "id", "__op");
    }

    @Test
    void aTableThatThePlanDoesNotHaveAndNoRecordWasMadeOf() throws Exception {
        catalog.put(ORDERS, "orders", "id", "__op");
        stream().transaction(500, "orders: id, __op", "insert 1, x", "customers: id, name", "insert 1, sent");
        assertThat(sink.taken())
                .anyMatch(record -> record.contains("\"missed\"") && record.contains("\"oid\":" + ORDERS))
                .anyMatch(record -> record.contains("sent"));
    }

    @Test
    void whatTheLedgerSaysOfATableThatThePlanDoesNotHave() throws Exception {
        catalog.putMissed(ORDERS, 1);
        stream().transaction(500, "orders: id, note", "insert 1, fit again", "customers: id, name", "insert 1, sent");
        assertThat(sink.taken()).singleElement().asString().contains("sent");
    }
}
