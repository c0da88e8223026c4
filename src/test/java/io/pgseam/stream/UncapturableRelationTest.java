package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A publication of all tables has some that no message can be made of (invariant I14). */
final class UncapturableRelationTest {

    @Test
    void theOthersGoOn() throws Exception {
        RecordingSink sink = new RecordingSink();
        FakeCatalog catalog = new FakeCatalog();
        catalog.put(7, "orders", "id", "note");
        catalog.put(8, "reserved", "id", "__op");
        // Nobody has copied it.
        catalog.ledger().remove(8L);
        new RoutedStream(catalog, sink, RoutedStream.at(100, 0))
                .begin(500)
                .relation(7, "orders", "id", "note")
                .relation(8, "reserved", "id", "__op")
                .insert(8, "1", "no message can have it")
                .insert(7, "2", "captured")
                .update(8, 'K', new String[] {"1", ""}, "2", "b")
                .commit(500);
        assertThat(sink.taken())
                .hasSize(2)
                .anyMatch(record -> record.contains("\"missed\"") && record.contains("\"table\":\"reserved\""))
                .anyMatch(record -> record.contains("captured"));
    }
}
