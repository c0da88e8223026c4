package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.ledger.Ledger;
import io.pgseam.phase.PlanPart;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.Seed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

/** A long plan stands in the ledger, in parts; what tasks are given of it is a digest. */
class StoredPlanTest {

    private final CommittedOffsets committed = new CommittedOffsets();
    private final PlanReader reader = new PlanReader(new Ledger("shop", committed));

    private void commit(StoredPlan stored) {
        stored.parts()
                .forEach((digest, text) ->
                        committed.commit(PlanPart.sourcePartition("shop", digest), PlanPart.toSourceOffset(text)));
    }

    @Test
    void aShortPlanIsItsOwnText() {
        StoredPlan stored = StoredPlan.of(LargePlans.ofTables(10, 20));
        assertThat(stored.parts()).isEmpty();
        assertThat(reader.read(stored.text())).isEqualTo(stored.plan());
    }

    /** 100 TB in few tables: the grid makes the chunks. */
    @Test
    void aMillionChunksAreAShortPlan() {
        assertThat(StoredPlan.of(LargePlans.ofChunks(1_000_000)).parts()).isEmpty();
    }

    @Test
    void twentyThousandTablesAreReadAsTheyWereWritten() {
        StoredPlan stored = StoredPlan.of(LargePlans.ofTables(20_000, 20));
        assertThat(stored.text()).startsWith("ledger:").hasSizeLessThan(50);
        assertThat(stored.parts()).hasSizeBetween(150, 700);
        assertThat(stored.parts().values()).allMatch(text -> text.length() < 400_000);
        commit(stored);
        assertThat(reader.read(stored.text())).isEqualTo(stored.plan());
    }

    @Test
    void whateverAPlanHasIsInItsParts() {
        Random random = Seed.random(StoredPlanTest.class);
        for (int round = 0; round < 20; round++) {
            Set<String> topics = new HashSet<>();
            for (int topic = random.nextInt(3_000); topic > 0; topic--) {
                topics.add("shop.public.t" + topic);
            }
            CopyPlan plan = new CopyPlan(
                    SamplePlans.random(random, 3_000, 1L << 32).relations(), Map.of(7, topics, 9, Set.of()));
            StoredPlan stored = StoredPlan.of(plan);
            commit(stored);
            assertThat(reader.read(stored.text())).isEqualTo(plan);
            assertThat(StoredPlan.of(plan).text()).as("whoever leads").isEqualTo(stored.text());
        }
    }

    /** Nobody has to write the whole plan again for it. */
    @Test
    void aTableThatIsAddedOrDroppedChangesAPartOrTwo() {
        CopyPlan plan = LargePlans.ofTables(20_000, 20);
        Set<String> before = StoredPlan.of(plan).parts().keySet();
        List<PlannedRelation> fewer = new ArrayList<>(plan.relations());
        fewer.remove(11_111);
        Set<String> after =
                new HashSet<>(StoredPlan.of(new CopyPlan(fewer)).parts().keySet());
        after.removeAll(before);
        assertThat(after).as("with the index").hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void aPartThatIsMissingIsNamed() {
        StoredPlan stored = StoredPlan.of(LargePlans.ofTables(500, 20));
        commit(stored);
        String part = List.copyOf(stored.parts().keySet()).get(3);
        committed.commit(PlanPart.sourcePartition("shop", part), null);
        assertThatThrownBy(() -> reader.read(stored.text()))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(part);
        committed.commit(PlanPart.sourcePartition("shop", part), PlanPart.toSourceOffset("another text"));
        assertThatThrownBy(() -> reader.read(stored.text()))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(part);
    }
}
