package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is copied of a plan, by the ledger: the sums, and how much of the ledger is read for them. */
class CopyTallyTest {

    private static final String SERVER = "shop";
    private static final Anchor ANCHOR = new Anchor(1, Lsn.parse("0/1A2B3C8"));

    private final CommittedOffsets offsets = new CommittedOffsets();
    private final Ledger ledger = new Ledger(SERVER, offsets);

    @Test
    void addsUpEveryChunkOfEveryTableInWhateverOrderTheyAreDone() {
        Random random = Seed.random(CopyTallyTest.class);
        for (int round = 0; round < 50; round++) {
            CommittedOffsets committed = new CommittedOffsets();
            Ledger own = new Ledger(SERVER, committed);
            CopyPlan plan = SamplePlans.random(random, 6, 3_000);
            List<PlannedChunk> chunks = new ArrayList<>(plan.everyChunk());
            Collections.shuffle(chunks, random);
            CopyTally tally = CopyTally.ofTables(plan, ANCHOR, table -> true);
            for (PlannedChunk chunk : chunks) {
                assertThat(tally.look(own)).isFalse();
                commit(committed, chunk, 1);
            }
            assertThat(tally.look(own)).isTrue();
            assertThat(tally.chunksDone()).isEqualTo(plan.chunks());
            assertThat(tally.copied().values().stream()
                            .mapToLong(CopiedTable::rows)
                            .sum())
                    .isEqualTo(3 * plan.chunks());
            assertThat(tally.counted()).hasSameSizeAs(tally.copied().keySet());
        }
    }

    @Test
    void asksForAChunkThatIsDoneOnceAndOnlyForTheNextFewOfTheOthers() {
        CopyPlan plan = large(50_000);
        List<PlannedChunk> chunks = plan.everyChunk();
        CopyTally tally = CopyTally.ofTables(plan, ANCHOR, table -> true);
        chunks.subList(0, 40_000).forEach(chunk -> commit(offsets, chunk, 1));

        assertThat(tally.look(ledger)).isFalse();
        assertThat(offsets.asked()).isBetween(40_000L, 41_000L);
        long before = offsets.asked();
        for (int look = 0; look < 100; look++) {
            assertThat(tally.look(ledger)).isFalse();
        }
        assertThat(offsets.asked() - before)
                .as("100 looks, in which nothing was done")
                .isLessThanOrEqualTo(400);
    }

    @Test
    void asksForNoChunkOfATableOfWhichTheLedgerHasAnEntry() {
        CopyPlan plan = large(50_000);
        PlannedTable table = plan.tables().get(0);
        CopiedTable entry = new CopiedTable(1, ANCHOR.lsn(), 7, 70, OffsetRanges.Snapshot.EMPTY);
        offsets.commit(CopiedTable.sourcePartition(SERVER, table.oid()), entry.toSourceOffset());

        CopyTally tally = CopyTally.ofTables(plan, ANCHOR, any -> true);
        assertThat(tally.look(ledger)).isTrue();
        assertThat(tally.copied()).containsEntry(table.oid(), entry);
        assertThat(tally.counted()).as("nothing new").isEmpty();
        assertThat(offsets.asked()).isEqualTo(1);
    }

    /** The table is copied again: its entry is of the copy before. */
    @Test
    void passesOverAnEntryThatIsOlderThanThePlan() {
        CopyPlan plan = CopyPlan.of(
                List.of(SamplePlans.table("large", 100, 100L * SamplePlans.BLOCK)),
                SamplePlans.BLOCK,
                SamplePlans.BLOCK,
                2);
        CopiedTable entry = new CopiedTable(1, ANCHOR.lsn(), 7, 70, OffsetRanges.Snapshot.EMPTY);
        offsets.commit(CopiedTable.sourcePartition(SERVER, plan.tables().get(0).oid()), entry.toSourceOffset());

        assertThat(CopyTally.ofTables(plan, ANCHOR, any -> true).look(ledger)).isFalse();
    }

    /** A partition that was attached later: the chunks of the others are in the table's entry, and forgotten. */
    @Test
    void addsWhatCameLaterToWhatTheEntrySays() {
        CopyPlan first = partitions(1, "p1");
        CopyPlan both = partitions(2, "p1", "p2").continuing(first, any -> false, any -> true);
        CopiedTable entry = new CopiedTable(1, ANCHOR.lsn(), 7, 70, OffsetRanges.Snapshot.EMPTY);
        offsets.commit(CopiedTable.sourcePartition(SERVER, 1), entry.toSourceOffset());

        Anchor next = new Anchor(2, ANCHOR.lsn());
        CopyTally tally = CopyTally.ofTables(both, next, any -> true);
        assertThat(tally.look(ledger)).isFalse();
        both.relations().stream()
                .filter(relation -> relation.since() == 2)
                .forEach(relation -> commit(offsets, new PlannedChunk(relation, relation.chunk(0)), 2));
        assertThat(tally.look(ledger)).isTrue();
        assertThat(tally.copied()).hasSize(1).containsKey(1L);
        assertThat(tally.copied().get(1L).rows()).isEqualTo(10);
        assertThat(tally.copied().get(1L).generation()).isEqualTo(2);
        assertThat(CopyTally.copiedRelations(both, ledger)).hasSize(2);
    }

    private static CopyPlan partitions(int generation, String... names) {
        Leaf[] leaves = new Leaf[names.length];
        for (int leaf = 0; leaf < names.length; leaf++) {
            leaves[leaf] =
                    new Leaf(10 + leaf, new TableId("public", names[leaf]), 10 + leaf, 1, SamplePlans.BLOCK, false);
        }
        return CopyPlan.of(
                List.of(SamplePlans.table("whole", null, List.of("id"), leaves)),
                SamplePlans.BLOCK,
                SamplePlans.BLOCK,
                generation);
    }

    private static CopyPlan large(long chunks) {
        return CopyPlan.of(
                List.of(SamplePlans.table("large", chunks, chunks * SamplePlans.BLOCK)),
                SamplePlans.BLOCK,
                SamplePlans.BLOCK,
                1);
    }

    private static void commit(CommittedOffsets offsets, PlannedChunk chunk, int generation) {
        ChunkProgress progress = new ChunkProgress(
                generation, ANCHOR.lsn(), chunk.id().endBlock(), 0, true, 3, 30, 3, 0L, OffsetRanges.Snapshot.EMPTY);
        offsets.commit(chunk.id().sourcePartition(SERVER), progress.toSourceOffset());
    }
}
