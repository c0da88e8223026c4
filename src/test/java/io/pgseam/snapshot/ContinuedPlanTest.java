package io.pgseam.snapshot;

import static io.pgseam.snapshot.SamplePlans.BLOCK;
import static io.pgseam.snapshot.SamplePlans.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.phase.CopyRequest;
import io.pgseam.phase.CopyRequests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a plan at a newer anchor takes over from the one before. */
class ContinuedPlanTest {

    private static final long CHUNK = 10L * BLOCK;
    private static final CopyPlan EARLIER = plan(1, null, List.of("id"), 2, 25);

    private static CopyPlan plan(
            int generation, @Nullable String rowFilter, List<String> columns, long filenode, long blocks) {
        Leaf leaf = new Leaf(16_400, new TableId("public", "orders"), filenode, blocks, blocks * BLOCK, false);
        return CopyPlan.of(List.of(table("orders", rowFilter, columns, leaf)), CHUNK, BLOCK, generation);
    }

    private static PlannedRelation continued(CopyPlan now, boolean copied) {
        CopyPlan plan = now.continuing(EARLIER, relation -> false, relation -> copied);
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
    void copiesSomeRowsOnlyOfWhatIsCopied() {
        CopyPlan asked = EARLIER.withRequested(some(1));
        CopyPlan now = plan(4, null, List.of("id"), 2, 2_500);
        assertThat(asked.toCopyAgain()).containsExactly(16_400L);

        PlannedRelation begun = now.continuing(asked, relation -> false, relation -> true)
                .relations()
                .get(0);
        assertThat(begun.since()).isEqualTo(4);
        assertThat(begun.condition()).isEqualTo("(id > 7)");
        assertThat(begun.isAskedFor()).isFalse();

        CopyPlan first = now.continuing(asked, relation -> false, relation -> false);
        assertThat(first).as("the copy of all rows is resumed first").isEqualTo(EARLIER);
        assertThat(plan(4, null, List.of("id"), 3, 25)
                        .continuing(asked, relation -> false, relation -> false)
                        .relations()
                        .get(0)
                        .isWhole())
                .as("what was rewritten needs all rows")
                .isTrue();
        CopyPlan moved = at(asked, "700").continuing(at(asked, "701"), relation -> false, relation -> true);
        assertThat(moved.relations().get(0).isWhole())
                .as("what misses changes needs all rows")
                .isTrue();
    }

    @Test
    void resumesTheCopyOfSomeRows() {
        CopyPlan begun = plan(4, null, List.of("id"), 2, 25)
                .continuing(EARLIER.withRequested(some(1)), relation -> false, relation -> true);
        assertThat(CopyPlanCodec.decode(CopyPlanCodec.encode(begun))).isEqualTo(begun);
        // Others were asked for since.
        CopyPlan resumed = plan(5, null, List.of("id"), 2, 25)
                .continuing(begun.withRequested(some(4)), relation -> false, relation -> false);
        assertThat(resumed).isEqualTo(begun);
        assertThat(begun.beginsAnew(1))
                .as("what is left out comes by the stream alone")
                .isFalse();
    }

    @Test
    void copiesAWholeTableIfItHasNoKeyByNow() {
        CopyPlan keyed = EARLIER.withRequested(some(1));
        CopyPlan now = new CopyPlan(plan(4, null, List.of("id"), 2, 25).relations().stream()
                .map(relation -> relation.of(new PlannedTable(
                        1, relation.table().id(), relation.table().identity(), List.of(), null, 1, "")))
                .toList());
        PlannedRelation begun = now.continuing(keyed, relation -> false, relation -> true)
                .relations()
                .get(0);
        assertThat(begun.since()).isEqualTo(4);
        assertThat(begun.isWhole()).isTrue();
    }

    private static CopyRequests some(int after) {
        return CopyRequests.NONE.with(new CopyRequest(
                "some", new Lsn(50), after, Map.of(1L, new TableId("public", "orders")), Map.of(1L, "(id > 7)")));
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
    void beginsARelationAnewWhosePublicationWasChangedAndSaysSo() {
        CopyPlan published = published(EARLIER, "7.1 8.1");
        CopyPlan unchanged = published(plan(4, null, List.of("id"), 2, 25), "7.1 8.1");
        assertThat(unchanged.continuing(published, relation -> false, relation -> true))
                .isEqualTo(published);
        assertThat(unchanged.publishedOtherwiseThan(published)).isEmpty();

        CopyPlan changed = published(plan(4, null, List.of("id"), 2, 25), "7.2 8.1");
        CopyPlan continued = changed.continuing(published, relation -> false, relation -> true);
        assertThat(continued.relations().get(0).since()).isEqualTo(4);
        assertThat(continued.publishedOtherwiseThan(published))
                .extracting(table -> table.id().name())
                .containsExactly("orders");
        assertThat(continued.covers(1, "7.1 8.1")).isFalse();

        // A plan of an older release does not know.
        assertThat(changed.continuing(EARLIER, relation -> false, relation -> true)
                        .relations()
                        .get(0)
                        .since())
                .isEqualTo(1);
    }

    @Test
    void beginsARelationAnewThatWasElsewhereForAWhileAndSaysSo() {
        CopyPlan attached = at(EARLIER, "700");
        CopyPlan again = at(plan(4, null, List.of("id"), 2, 25), "701");
        CopyPlan continued = again.continuing(attached, relation -> false, relation -> true);
        assertThat(continued.relations().get(0).since()).isEqualTo(4);
        assertThat(continued.publishedOtherwiseThan(attached))
                .extracting(table -> table.id().name())
                .containsExactly("orders");
        assertThat(CopyPlanCodec.decode(CopyPlanCodec.encode(continued))).isEqualTo(continued);

        CopyPlan asBefore = at(plan(4, null, List.of("id"), 2, 25), "700");
        assertThat(asBefore.continuing(attached, relation -> false, relation -> true))
                .isEqualTo(attached);
        assertThat(asBefore.continuing(EARLIER, relation -> false, relation -> true))
                .as("a plan of an older release does not know, and learns it")
                .isEqualTo(attached);
    }

    private static CopyPlan at(CopyPlan plan, String place) {
        return new CopyPlan(
                plan.relations().stream().map(relation -> relation.at(place)).toList());
    }

    @Test
    void needsNoChangeBeforeItsAnchorIfNothingWasCopied() {
        assertThat(EARLIER.beginsAnew(0)).as("copied before any stream").isFalse();
        CopyPlan newer = plan(4, null, List.of("id"), 2, 25);
        assertThat(newer.beginsAnew(3)).isTrue();
        assertThat(newer.beginsAnew(4)).as("rows may be copied at anchor 4").isFalse();
        assertThat(CopyPlan.NOTHING.beginsAnew(0)).isFalse();
    }

    @Test
    void addsOnlyTablesThatTheStreamPassesOver() {
        CopyPlan earlier = published(EARLIER, "7.1 8.1");
        CopyPlan changed = published(plan(4, "(id > 10)", List.of("id"), 3, 25), "7.2 8.1");
        List<PlannedRelation> all = new ArrayList<>(changed.relations());
        all.add(other("added", 16_500));
        all.add(other("unasked", 16_600));

        CopyPlan plan = new CopyPlan(all).adding(earlier, Set.of(16_500L), relation -> false);

        assertThat(plan.relations())
                .extracting(PlannedRelation::oid, PlannedRelation::since)
                .containsExactlyInAnyOrder(tuple(16_400L, 1), tuple(16_500L, 4));
        assertThat(plan.relations())
                .as("covered as before, so that the next look finds what has changed")
                .containsAll(earlier.relations());
    }

    private static PlannedRelation other(String name, long oid) {
        TableId id = new TableId("public", name);
        PlannedTable table = EARLIER.relations().get(0).table();
        return new PlannedRelation(
                new PlannedTable(oid, id, table.identity(), table.columns(), null, oid, "7.1 9.1"),
                id,
                oid,
                5,
                25,
                25L * BLOCK,
                10,
                4,
                false);
    }

    private static CopyPlan published(CopyPlan plan, String version) {
        return new CopyPlan(plan.relations().stream()
                .map(relation -> relation.of(new PlannedTable(
                        relation.table().oid(),
                        relation.table().id(),
                        relation.table().identity(),
                        relation.table().columns(),
                        relation.table().rowFilter(),
                        relation.table().member(),
                        version)))
                .toList());
    }

    @Test
    void copiesAPartitionUnlessItsFirstRowCameByTheStream() {
        Leaf known = new Leaf(16_400, new TableId("public", "orders"), 2, 25, 25L * BLOCK, false);
        Leaf made = new Leaf(16_401, new TableId("public", "orders_made"), 3, 900, 900L * BLOCK, true);
        Leaf attached = new Leaf(16_402, new TableId("public", "orders_attached"), 4, 30, 30L * BLOCK, false);
        CopyPlan now =
                CopyPlan.of(List.of(table("orders", null, List.of("id"), known, made, attached)), CHUNK, BLOCK, 4);

        CopyPlan plan = now.continuing(EARLIER, relation -> relation.oid() == 16_401, relation -> true);
        assertThat(plan.relations())
                .extracting(PlannedRelation::oid, PlannedRelation::needsNoCopy, PlannedRelation::chunks)
                .containsExactly(tuple(16_402L, false, 3L), tuple(16_400L, false, 3L), tuple(16_401L, true, 0L));
        assertThat(plan.everyChunk())
                .extracting(chunk -> chunk.relation().oid())
                .doesNotContain(16_401L);
        assertThat(CopyPlanCodec.decode(CopyPlanCodec.encode(plan))).isEqualTo(plan);

        // It stays covered, whatever becomes of it.
        CopyPlan later = now.continuing(plan, relation -> false, relation -> true);
        assertThat(later.relations()).isEqualTo(plan.relations());
        // Nothing was published before.
        assertThat(now.continuing(CopyPlan.NOTHING, relation -> true, relation -> true))
                .isEqualTo(now);
    }

    @Test
    void hasNothingOfARelationThatIsNoLongerCaptured() {
        CopyPlan other = CopyPlan.of(List.of(table("other", 5, 5L * BLOCK)), CHUNK, BLOCK, 4);
        assertThat(other.continuing(EARLIER, relation -> false, relation -> true))
                .isEqualTo(other);
    }
}
