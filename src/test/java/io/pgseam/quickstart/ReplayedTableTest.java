package io.pgseam.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.quickstart.ReplayedTable.Fault;
import io.pgseam.testing.CanonicalColumn;
import io.pgseam.testing.CanonicalColumn.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The quickstart's comparison must be able to fail. */
class ReplayedTableTest {

    private static final SourceTable ORDERS = new SourceTable(
            new TableId("public", "orders"),
            "shop.public.orders",
            false,
            List.of(
                    new CanonicalColumn("id", Kind.INTEGER, false),
                    new CanonicalColumn("note", Kind.TEXT, false),
                    new CanonicalColumn("attrs", Kind.JSON, false)),
            List.of("id"),
            2);

    private final ReplayedTable replayed =
            new ReplayedTable(ORDERS, Map.of(new TopicPartition(ORDERS.topic(), 0), 2L), new Lsn(900));

    @Test
    void agreesWithARightTopic() {
        copied(0, 1, "\"one\"", 100);
        copied(1, 2, "null", 100);
        changed(2, 1, "\"changed\"", 110, 1);
        deleted(3, 2, 120, 1);
        changed(4, 3, "\"moved here\"", 120, 2);
        changed(5, 3, "\"after the end of the comparison\"", 900, 1);

        assertThat(comparedWith(row("1", "changed"), row("3", "moved here"))).isEmpty();
        assertThat(replayed.snapshotRows()).isEqualTo(2);
        assertThat(replayed.changes()).isEqualTo(3);
        assertThat(replayed.sourceRows()).isEqualTo(2);
    }

    @Test
    void findsMissingRowsGhostsAndDifferences() {
        copied(0, 1, "\"one\"", 100);
        copied(1, 2, "null", 100);

        assertThat(comparedWith(row("1", "other"), row("3", "three")))
                .containsOnly(Map.entry(Fault.DIFFERENT, 1L), Map.entry(Fault.MISSING, 1L), Map.entry(Fault.GHOST, 1L));
        assertThat(replayed.places()).contains("DIFFERENT at partition 0 offset 0", "GHOST at partition 0 offset 1");
    }

    @Test
    void tellsNullFromTheEmptyText() {
        copied(0, 1, "null", 100);
        copied(1, 2, "\"\"", 100);

        assertThat(comparedWith(row("1", ""), row("2", null))).containsOnly(Map.entry(Fault.DIFFERENT, 2L));
    }

    @Test
    void findsRepetitionsAndWhatWentBack() {
        copied(0, 1, "\"one\"", 100);
        copied(1, 1, "\"one\"", 100);
        changed(2, 1, "\"b\"", 120, 2);
        changed(3, 1, "\"one\"", 120, 1);

        assertThat(comparedWith(row("1", "one"))).containsOnly(Map.entry(Fault.REPEATED_OR_OUT_OF_ORDER, 2L));
    }

    @Test
    void findsRecordsOnTheWrongSideOfTheSeam() {
        changed(1, 1, "\"one\"", 110, 1);
        copied(2, 2, "\"two\"", 100);

        assertThat(comparedWith(row("1", "one"), row("2", "two")))
                .containsOnly(Map.entry(Fault.WRONG_SIDE_OF_THE_SEAM, 2L));
    }

    @Test
    void findsAFieldThatTheTableDoesNotHave() {
        apply(0, 1, "\"one\",\"more\":1", 0, 100, 0, true);

        assertThat(comparedWith(row("1", "one"))).containsOnly(Map.entry(Fault.DIFFERENT, 1L));
    }

    private static List<@Nullable String> row(String id, @Nullable String note) {
        return Arrays.asList(id, note, "null");
    }

    @SafeVarargs
    private Map<Fault, Long> comparedWith(List<@Nullable String>... rows) {
        for (List<@Nullable String> row : rows) {
            replayed.compareRow(row);
        }
        replayed.endComparison();
        return replayed.faults();
    }

    private void copied(long offset, int id, String note, long lsn) {
        apply(offset, id, note, 0, lsn, 0, true);
    }

    private void changed(long offset, int id, String note, long lsn, long sequence) {
        apply(offset, id, note, 0, lsn, sequence, false);
    }

    private void deleted(long offset, int id, long lsn, long sequence) {
        apply(offset, id, "null", 1, lsn, sequence, false);
    }

    private void apply(long offset, int id, String note, int op, long lsn, long sequence, boolean snapshot) {
        String value = "{\"id\":" + id + ",\"attrs\":null,\"note\":" + note + ",\"__op\":" + op + ",\"__lsn\":" + lsn
                + ",\"__seq\":" + sequence + ",\"__snapshot\":" + snapshot + "}";
        replayed.apply(new ConsumerRecord<>(ORDERS.topic(), 0, offset, bytes("{\"id\":" + id + "}"), bytes(value)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
