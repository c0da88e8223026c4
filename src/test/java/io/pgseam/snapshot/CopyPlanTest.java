package io.pgseam.snapshot;

import static io.pgseam.snapshot.SamplePlans.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.ChunkId;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.testing.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CopyPlanTest {

    private static final long CHUNK = 128L << 20;

    @Test
    void coversEveryBlockExactlyOnce() {
        Random random = Seed.random(CopyPlanTest.class);
        for (int round = 0; round < 200; round++) {
            for (PlannedRelation relation : SamplePlans.random(random, 5, 5_000).relations()) {
                long next = 0;
                for (long number = 0; number < relation.chunks(); number++) {
                    ChunkId chunk = relation.chunk(number);
                    assertThat(chunk.firstBlock()).isEqualTo(next);
                    next = chunk.endBlock();
                    assertThat(relation.endBlock(chunk))
                            .isEqualTo(number == relation.chunks() - 1 ? relation.blocks() : chunk.endBlock());
                }
                // The last one has an open end; no chunk before it may be beyond the end.
                assertThat(next).isGreaterThanOrEqualTo(relation.blocks());
                assertThat(next - relation.blocksPerChunk()).isLessThanOrEqualTo(Math.max(0, relation.blocks() - 1));
            }
        }
    }

    @Test
    void dealsEveryChunkToExactlyOneTask() {
        Random random = Seed.random(CopyPlanTest.class);
        for (int round = 0; round < 200; round++) {
            CopyPlan plan = SamplePlans.random(random, 8, 3_000);
            int tasks = 1 + random.nextInt(17);
            Set<ChunkId> dealt = new HashSet<>();
            List<Long> sizes = new ArrayList<>();
            long largest = 0;
            for (int task = 0; task < tasks; task++) {
                List<PlannedChunk> share = plan.share(task, tasks);
                sizes.add(cost(share));
                for (PlannedChunk chunk : share) {
                    largest = Math.max(largest, cost(List.of(chunk)));
                    assertThat(dealt.add(chunk.id())).as(chunk + " once").isTrue();
                    assertThat(plan.relations()).contains(chunk.relation());
                }
                assertThat(plan.share(task, tasks)).isEqualTo(share);
            }
            assertThat(dealt).hasSize((int) plan.chunks());
            assertThat(spread(sizes))
                    .as("no task has more than one chunk more than another")
                    .isLessThanOrEqualTo(largest);
        }
    }

    /** What a share costs, as bytes: tables without rows are worth something, too. */
    private static long cost(List<PlannedChunk> share) {
        return share.stream()
                .mapToLong(chunk -> chunk.relation().bytesOf(chunk.id().number()) + (64 << 10))
                .sum();
    }

    private static long spread(List<Long> sizes) {
        return Collections.max(sizes) - Collections.min(sizes);
    }

    /** For one table and for many of all sizes: the last task ends within 5 % of the copy's time after the first one. */
    @Test
    void sharesAreNearlyEqual() {
        Random random = Seed.random(CopyPlanTest.class);
        List<CapturedTable> many = new ArrayList<>();
        for (int number = 0; number < 2_000; number++) {
            long blocks = Math.round(Math.pow(10, 5 * random.nextDouble()));
            many.add(SamplePlans.table("t" + number, blocks, blocks * BLOCK));
        }
        List<CapturedTable> one = List.of(SamplePlans.table("orders", 64_000, 64_000L * BLOCK));
        List<CapturedTable> alike = new ArrayList<>();
        for (int number = 0; number < 100; number++) {
            // One chunk and a half of the usual size each.
            alike.add(SamplePlans.table("t" + number, 24_576, 24_576L * BLOCK));
        }
        for (List<CapturedTable> tables : List.of(one, many, alike)) {
            for (int tasks : new int[] {2, 3, 4, 8}) {
                CopyPlan plan = CopyPlan.of(tables, ChunkSize.bytes(tables, CHUNK, tasks), BLOCK, 1);
                List<Long> shares = new ArrayList<>();
                for (int task = 0; task < tasks; task++) {
                    shares.add(cost(plan.share(task, tasks)));
                }
                assertThat(spread(shares))
                        .as("%d tables, %d tasks", tables.size(), tasks)
                        .isLessThanOrEqualTo(Collections.max(shares) / 20);
            }
        }
    }

    @Test
    void chunksAreSmallerOnlyIfThereIsLittleToCopy() {
        List<CapturedTable> tables = List.of(SamplePlans.table("orders", 64_000, 64_000L * BLOCK));
        assertThat(ChunkSize.bytes(tables, CHUNK, 1)).isEqualTo(CHUNK);
        assertThat(ChunkSize.bytes(tables, CHUNK, 2)).isEqualTo(4 << 20);
        assertThat(ChunkSize.bytes(tables, CHUNK, 100)).isEqualTo(2 << 20);
        assertThat(ChunkSize.bytes(tables, 16 << 10, 2)).isEqualTo(16 << 10);
        List<CapturedTable> large = List.of(SamplePlans.table("log", 1 << 21, (long) (1 << 21) * BLOCK));
        assertThat(ChunkSize.bytes(large, CHUNK, 4)).isEqualTo(CHUNK);
    }

    @Test
    void dealsInTheOrderOfThePlan() {
        CopyPlan plan = CopyPlan.of(
                List.of(SamplePlans.table("small", 1, BLOCK), SamplePlans.table("large", 30, 30 * BLOCK)),
                10 * BLOCK,
                BLOCK,
                1);
        assertThat(plan.share(0, 2).stream().map(chunk -> chunk.id().toString()))
                .containsExactly("chunk 0 of public.large", "chunk 2 of public.large");
        assertThat(plan.share(1, 2).stream().map(chunk -> chunk.id().toString()))
                .containsExactly("chunk 1 of public.large", "chunk 0 of public.small");
    }

    @Test
    void beginsWithTheLargestAndThenByName() {
        CopyPlan plan = CopyPlan.of(
                List.of(
                        SamplePlans.table("b", 10, 10 * BLOCK),
                        SamplePlans.table("toasted", 5, 500 * BLOCK),
                        SamplePlans.table("a", 10, 10 * BLOCK)),
                CHUNK,
                BLOCK,
                1);
        assertThat(plan.relations().stream().map(PlannedRelation::relation).map(TableId::name))
                .containsExactly("toasted", "a", "b");
        assertThat(plan.bytes()).isEqualTo(520 * BLOCK);
    }

    @Test
    void doesNotDependOnTheOrderOfTheCatalogue() {
        List<CapturedTable> tables = List.of(
                SamplePlans.table("a", 10, 10 * BLOCK),
                SamplePlans.table("b", 10, 10 * BLOCK),
                SamplePlans.table("c", 20, 20 * BLOCK));
        CopyPlan plan = CopyPlan.of(tables, CHUNK, BLOCK, 1);
        assertThat(CopyPlan.of(List.of(tables.get(2), tables.get(1), tables.get(0)), CHUNK, BLOCK, 1))
                .isEqualTo(plan);
    }

    @Test
    void cutsByTheChunkSize() {
        PlannedRelation relation = only(SamplePlans.table("orders", 40_000, 40_000L * BLOCK), CHUNK);
        assertThat(relation.blocksPerChunk()).isEqualTo(16_384);
        assertThat(relation.chunks()).isEqualTo(3);
        assertThat(relation.bytesPerChunk()).isEqualTo(40_000L * BLOCK / 3);
    }

    @Test
    void cutsNarrowerWhereToastIsLarge() {
        // 3 MB of heap with 900 MB of TOAST: 301 times the heap.
        PlannedRelation relation = only(SamplePlans.table("documents", 384, 384L * BLOCK * 301), CHUNK);
        assertThat(relation.blocksPerChunk()).isEqualTo(16_384 / 256);
        assertThat(relation.bytesPerChunk()).isLessThan(2 * CHUNK);
    }

    @Test
    void keepsTheGridWhileARelationGrowsALittle() {
        // Its width is part of every chunk's identity: the ledger would not find them again.
        PlannedRelation before = only(SamplePlans.table("documents", 1_000, 1_000L * BLOCK * 5), CHUNK);
        PlannedRelation after = only(SamplePlans.table("documents", 1_100, 1_100L * BLOCK * 7), CHUNK);
        assertThat(after.blocksPerChunk()).isEqualTo(before.blocksPerChunk());
    }

    @Test
    void cutsAtLeastOneBlockOff() {
        assertThat(only(SamplePlans.table("orders", 10, 10L * BLOCK), 1).blocksPerChunk())
                .isEqualTo(1);
        assertThat(only(SamplePlans.table("huge toast", 1, 1L << 40), CHUNK).blocksPerChunk())
                .isEqualTo(1);
    }

    @Test
    void givesAnEmptyRelationOneChunk() {
        PlannedRelation empty = only(SamplePlans.table("empty", 0, 0), CHUNK);
        assertThat(empty.chunks()).isEqualTo(1);
        assertThat(empty.endBlock(empty.chunk(0))).isZero();
        assertThat(empty.blocksPerChunk()).isEqualTo(16_384);
    }

    @Test
    void hasNothingToDealWhereNothingIsPlanned() {
        assertThat(CopyPlan.NOTHING.chunks()).isZero();
        assertThat(CopyPlan.NOTHING.share(0, 1)).isEmpty();
    }

    @Test
    void refusesATaskThatIsNotOneOfItsOwn() {
        Anchor anchor = new Anchor(1, Lsn.NONE);
        assertThatThrownBy(() -> new CopyAssignment(anchor, AnchorSnapshot.NONE, 2, 2, CopyPlan.NOTHING))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsStridesOfTheirSizeInHeapAndToast() {
        long stride = 16L << 20;
        assertThat(only(SamplePlans.table("orders", 64_000, 64_000L * BLOCK), CHUNK)
                        .blocksPerStride(stride))
                .isBetween(2_048L, 2_100L);
        assertThat(only(SamplePlans.table("orders", 64_000, 64_000L * BLOCK), 4 << 20)
                        .blocksPerStride(stride))
                .as("a chunk that is smaller")
                .isEqualTo(512);
        assertThat(only(SamplePlans.table("documents", 384, 384L * BLOCK * 301), CHUNK)
                        .blocksPerStride(stride))
                .as("where TOAST is large")
                .isBetween(6L, 8L);
        assertThat(only(SamplePlans.table("huge toast", 1, 1L << 40), CHUNK).blocksPerStride(stride))
                .isEqualTo(1);
        assertThat(only(SamplePlans.table("empty", 0, 0), CHUNK).blocksPerStride(stride))
                .isEqualTo(1);
    }

    private static PlannedRelation only(CapturedTable table, long chunkBytes) {
        return CopyPlan.of(List.of(table), chunkBytes, BLOCK, 1).relations().get(0);
    }
}
