package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import io.pgseam.testing.Seed;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CopyPlanCodecTest {

    @Test
    void writesAShortPlanReadably() {
        PlannedTable orders = new PlannedTable(
                16_399,
                new TableId("public", "orders"),
                ReplicaIdentity.DEFAULT,
                List.of(new PlannedColumn("id", 20, -1, true, 1, true)),
                "(id > 7)",
                16_399,
                "7.1 8.1");
        CopyPlan plan = new CopyPlan(
                List.of(new PlannedRelation(
                        orders, new TableId("public", "orders_2024"), 16_400, 16_401, 7, 57_344, 16, 1, false)),
                Map.of(3, Set.of("shop.b", "shop.a")));
        assertThat(CopyPlanCodec.encode(plan))
                .isEqualTo(
                        "{\"tables\":[[\"public\",\"orders\",\"(id > 7)\",16399,\"DEFAULT\",[[\"id\",20,-1,true,1,true]],16399,\"7.1 8.1\"]],"
                                + "\"relations\":[[0,\"public\",\"orders_2024\",16400,16401,7,57344,16,1,false]],\"going_on\":{\"3\":[\"shop.a\",\"shop.b\"]}}");
        assertThat(CopyPlanCodec.decode(CopyPlanCodec.encode(plan))).isEqualTo(plan);
    }

    @Test
    void readsWhatItWroteWhateverTheNames() {
        Random random = Seed.random(CopyPlanCodecTest.class);
        for (int round = 0; round < 200; round++) {
            CopyPlan plan = SamplePlans.random(random, 20, 1L << 32);
            assertThat(CopyPlanCodec.decode(CopyPlanCodec.encode(plan))).isEqualTo(plan);
        }
    }

    @Test
    void compressesALongPlan() {
        CopyPlan plan = longPlan();
        String text = CopyPlanCodec.encode(plan);
        assertThat(text).startsWith("gzip:").hasSizeLessThan(200_000);
        assertThat(CopyPlanCodec.decode(text)).isEqualTo(plan);
    }

    @Test
    void writesTheSamePlanTheSameWay() {
        assertThat(CopyPlanCodec.encode(longPlan())).isEqualTo(CopyPlanCodec.encode(longPlan()));
    }

    private static CopyPlan longPlan() {
        Random random = new Random(1);
        CopyPlan plan = SamplePlans.random(random, 2_000, 1L << 32);
        while (plan.relations().size() < 1_000) {
            plan = SamplePlans.random(random, 2_000, 1L << 32);
        }
        return plan;
    }

    @Test
    void writesAndReadsAnEmptyPlan() {
        assertThat(CopyPlanCodec.decode(CopyPlanCodec.encode(CopyPlan.NOTHING))).isEqualTo(CopyPlan.NOTHING);
    }

    @Test
    void refusesOtherText() {
        // An empty plan would let the stream begin before anything is copied (I2).
        for (String text : new String[] {
            "",
            " ",
            "null",
            "{}",
            "[]",
            "7",
            "x",
            "{\"tables\":[]}",
            "{\"tables\":[],\"relations\":[[0,\"a\",\"b\",1,2,3,4,5]]}",
            "{\"tables\":[],\"relations\":[7]}",
            "gzip:!",
            "gzip:AAAA"
        }) {
            assertThatThrownBy(() -> CopyPlanCodec.decode(text))
                    .as("'" + text + "'")
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
