package io.pgseam.snapshot;

import static io.pgseam.snapshot.SamplePlans.BLOCK;
import static io.pgseam.snapshot.SamplePlans.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Leaf;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a plan at a newer anchor takes over from the one before. */
class ContinuedPlanTest {

    private static final long CHUNK = 10L * BLOCK;
    private static final CopyPlan EARLIER = plan(1, null, List.of("id"), 2, 25);

    private static CopyPlan plan(
            int generation, @Nullable String rowFilter, List<String> columns, long filenode, long blocks) {
        Leaf leaf = new Leaf(16_400, new TableId("public", "orders"), filenode, blocks, blocks * BLOCK);
        return CopyPlan.of(List.of(table("orders", rowFilter, columns, leaf)), CHUNK, BLOCK, generation);
    }

    private static PlannedRelation continued(CopyPlan now, boolean copied) {
        CopyPlan plan = now.continuing(EARLIER, relation -> copied);
        assertThat(plan.relations()).hasSize(1);
        return plan.relations().get(0);
    }

    @Test
    void keepsTheChunksOfARelationHoweverMuchItHasGrown() {
        PlannedRelation relation = continued(plan(4, null, List.of("id"), 2, 2_500), false);
        assertThat(relation).isEqualTo(EARLIER.relations().get(0));
        assertThat(relation.chunks()).isEqualTo(3);
        assertThat(relation.chunk(0).since()).isEqualTo(1);
    }

    @Test
    void readsWhatIsLeftWithTheColumnsOfToday() {
        PlannedRelation relation = continued(plan(4, null, List.of("id", "added"), 2, 25), false);
        assertThat(relation.everyChunk()).isEqualTo(EARLIER.relations().get(0).everyChunk());
        assertThat(relation.table().columns()).hasSize(2);
    }

    @Test
    void beginsARewrittenRelationAnew() {
        PlannedRelation relation = continued(plan(4, null, List.of("id"), 3, 25), false);
        assertThat(relation.filenode()).isEqualTo(3);
        assertThat(relation.since()).isEqualTo(4);
    }

    @Test
    void leavesARelationAloneThatWasPackedAfterItWasCopied() {
        assertThat(continued(plan(4, null, List.of("id"), 3, 10), true))
                .isEqualTo(EARLIER.relations().get(0));
    }

    @Test
    void beginsARelationAnewThatWasRewrittenWithOtherColumns() {
        assertThat(continued(plan(4, null, List.of("id", "added"), 3, 25), true).since())
                .isEqualTo(4);
    }

    @Test
    void beginsARelationAnewOfWhichOtherRowsArePublished() {
        assertThat(continued(plan(4, "(id > 10)", List.of("id"), 2, 25), true).since())
                .isEqualTo(4);
    }

    @Test
    void hasNothingOfARelationThatIsNoLongerCaptured() {
        CopyPlan other = CopyPlan.of(List.of(table("other", 5, 5L * BLOCK)), CHUNK, BLOCK, 4);
        assertThat(other.continuing(EARLIER, relation -> true)).isEqualTo(other);
    }
}
