package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.record.JsonForm;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ComputedOffsets;
import io.pgseam.testing.Seed;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.Test;

/** What a copy task still has to read, and how much of the ledger it asks for. */
class PendingChunksTest {

    private static final String SERVER = "shop";
    private static final Anchor ANCHOR = new Anchor(1, Lsn.parse("0/1A2B3C8"));

    @Test
    void readsWhatIsNotDoneOnceWhateverIsPostponed() {
        Random random = Seed.random(PendingChunksTest.class);
        for (int round = 0; round < 100; round++) {
            CopyPlan plan = SamplePlans.random(random, 5, 2_000);
            CommittedOffsets offsets = new CommittedOffsets();
            Set<PlannedChunk> expected = new HashSet<>();
            for (PlannedChunk chunk : plan.share(0, 2)) {
                if (random.nextBoolean()) {
                    offsets.commit(chunk.id().sourcePartition(SERVER), progress(chunk, true));
                } else {
                    expected.add(chunk);
                }
            }
            PendingChunks pending = pending(plan, 2, offsets);
            List<PlannedChunk> read = new ArrayList<>(pending.ofEmptyRelations());
            pending.removeThoseOfEmptyRelations();
            while (!pending.isEmpty()) {
                if (random.nextInt(3) == 0) {
                    pending.postponeTable();
                } else {
                    read.add(pending.first());
                    pending.removeFirst();
                }
            }
            assertThat(read).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void postponesATableBehindAllOthersAndKeepsItsOrder() {
        CopyPlan plan = SamplePlans.random(Seed.random(PendingChunksTest.class), 5, 2_000);
        PendingChunks pending = pending(plan, 1, new CommittedOffsets());
        pending.removeThoseOfEmptyRelations();
        List<PlannedChunk> all = rest(pending(plan, 1, new CommittedOffsets()));
        long first = pending.first().relation().oid();
        pending.postponeTable();
        List<PlannedChunk> expected = new ArrayList<>();
        all.stream().filter(chunk -> chunk.relation().oid() != first).forEach(expected::add);
        all.stream().filter(chunk -> chunk.relation().oid() == first).forEach(expected::add);
        assertThat(rest(pending)).containsExactlyElementsOf(expected);
    }

    private static List<PlannedChunk> rest(PendingChunks pending) {
        pending.removeThoseOfEmptyRelations();
        List<PlannedChunk> rest = new ArrayList<>();
        while (!pending.isEmpty()) {
            rest.add(pending.first());
            pending.removeFirst();
        }
        return rest;
    }

    @Test
    void knowsWhereAChunkWasLeft() {
        CopyPlan plan = LargePlans.ofChunks(100);
        CommittedOffsets offsets = new CommittedOffsets();
        PlannedChunk first = plan.share(0, 1).get(0);
        offsets.commit(first.id().sourcePartition(SERVER), progress(first, false));
        PendingChunks pending = pending(plan, 1, offsets);
        assertThat(pending.first()).isEqualTo(first);
        assertThat(pending.committed(first.id()))
                .isNotNull()
                .extracting(ChunkProgress::rows)
                .isEqualTo(7L);
    }

    /** A share of a million chunks: as few are asked for as are about to be read. */
    @Test
    void asksForTheNextFewHundredOfAMillion() {
        ComputedOffsets offsets = new ComputedOffsets(partition -> null);
        PendingChunks pending = pending(LargePlans.ofChunks(1_000_000), 1, offsets);
        assertThat(pending.isEmpty()).isFalse();
        assertThat(offsets.asked()).isLessThanOrEqualTo(510);
        for (int chunk = 0; chunk < 2_000; chunk++) {
            pending.first();
            pending.removeFirst();
        }
        assertThat(offsets.asked()).isLessThanOrEqualTo(2_000);
    }

    /** What a worker keeps of a million chunks: the deal, and the order in which they are read. */
    @Test
    void keepsSomeTensOfBytesForAChunk() {
        CopyPlan plan = LargePlans.ofChunks(1_000_000);
        ComputedOffsets offsets = new ComputedOffsets(partition -> null);
        long before = usedBytes();
        PendingChunks pending = pending(plan, 1, offsets);
        assertThat(pending.isEmpty()).isFalse();
        long kept = usedBytes() - before;
        assertThat(pending.isEmpty()).isFalse();
        assertThat(kept).as("bytes for a million chunks").isLessThan(40_000_000);
    }

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3; attempt++) {
            System.gc();
            least = Math.min(
                    least,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    private static PendingChunks pending(CopyPlan plan, int tasks, OffsetStorageReader offsets) {
        Ledger ledger = new Ledger(SERVER, offsets);
        Deal deal = plan.deal(tasks);
        CopyAssignment assignment = new CopyAssignment(ANCHOR, AnchorSnapshot.NONE, 0, tasks, plan);
        ControlRecords control = new ControlRecords(SERVER, "shop.seam", JsonForm.BYTES, Clock.systemUTC());
        TableDoneRecords records = new TableDoneRecords(SERVER, new CopyRecords(control), Object::toString);
        return new PendingChunks(plan, deal.share(0), ledger, new DoneTables(assignment, deal, ledger, records));
    }

    private static java.util.Map<String, Object> progress(PlannedChunk chunk, boolean done) {
        return new ChunkProgress(
                        1, ANCHOR.lsn(), chunk.id().endBlock(), 0, done, 7, 70, 7, 0L, OffsetRanges.Snapshot.EMPTY)
                .toSourceOffset();
    }
}
