package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TopicNamingTest {

    private final TopicNaming naming = new TopicNaming("shop");

    @Test
    void namesATopicAfterPrefixSchemaAndTable() {
        assertThat(naming.topicFor(new TableId("public", "orders"))).isEqualTo("shop.public.orders");
        assertThat(naming.topicFor(new TableId("Sales 2024", "Über\"Lines-1.x")))
                .isEqualTo("shop.Sales_2024._ber_Lines-1.x");
        assertThat(naming.controlTopic()).isEqualTo("shop.seam");
    }

    @Test
    void tablesWithTopicsOfTheirOwnAreNoFault() {
        assertThat(faults(new TableId("a", "t"), new TableId("b", "t"), new TableId("a", "T")))
                .isEmpty();
    }

    @Test
    void reportsTablesThatShareATopic() {
        assertThat(faults(new TableId("a", "ä"), new TableId("a", "ö"), new TableId("a", "o")))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.setting()).isEqualTo("table.include.list");
                    assertThat(fault.message()).contains("\"a\".\"ä\"", "\"a\".\"ö\"", "shop.a._");
                });
    }

    @Test
    void reportsTopicsThatKafkaHoldsForTheSame() {
        assertThat(faults(new TableId("a", "b.c"), new TableId("a", "b_c"), new TableId("a.b", "c")))
                .hasSize(1);
    }

    @Test
    void noTableCanTakeTheControlTopic() {
        assertThat(faults(new TableId("seam", "seam"), new TableId("s", "eam"), new TableId("_", "seam")))
                .isEmpty();
    }

    private List<Fault> faults(TableId... tables) {
        List<Fault> faults = new ArrayList<>();
        naming.checkDistinct(List.of(tables), faults::add);
        return faults;
    }
}
