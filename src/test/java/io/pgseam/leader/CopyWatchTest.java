package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.snapshot.LargePlans;
import io.pgseam.testing.ComputedOffsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the leader's looks at a copy cost, with made-up sizes: a hundred terabytes. */
class CopyWatchTest {

    private static final String SERVER = "shop";
    private static final Anchor ANCHOR = new Anchor(1, Lsn.parse("0/1A2B3C8"));
    private static final int TASKS = 16;

    /** What a look asks for besides chunks: entries of ten tables, and what 512 tasks say of themselves. */
    private static final long BESIDES = 522;

    private final Set<Map<String, Object>> done = new HashSet<>();
    private final Map<Map<String, Object>, Map<String, Object>> others = new HashMap<>();
    private final ComputedOffsets offsets =
            new ComputedOffsets(partition -> done.contains(partition) ? doneOffset(partition) : others.get(partition));
    private final Ledger ledger = new Ledger(SERVER, offsets);

    @Test
    void aLookAtAMillionChunksAsksForTheNextFewOfEachTask() {
        CopyPlan plan = LargePlans.ofChunks(1_000_000);
        CopyWatch watch = CopyWatch.of(ANCHOR, plan, TASKS);
        watch.look(ledger);
        assertThat(offsets.asked()).isLessThanOrEqualTo(TASKS * 64 + BESIDES);

        // Each task is a few hundred chunks further at each look.
        for (int look = 0; look < 5; look++) {
            for (int task = 0; task < TASKS; task++) {
                commit(plan.share(task, TASKS).subList(look * 300, (look + 1) * 300));
            }
            watch.look(ledger);
            assertThat(watch.progress().chunksDone()).isEqualTo((look + 1) * 300L * TASKS);
            assertThat(offsets.asked()).isLessThanOrEqualTo(TASKS * (300 + 4 * 512) + BESIDES);
        }
        assertThat(watch.progress().rowsDone()).isEqualTo(3 * watch.progress().chunksDone());
        assertThat(watch.isComplete()).isFalse();
    }

    /** A task goes on with other tables if one is locked: the chunks of that one stay at the beginning of its share. */
    @Test
    void chunksThatWaitHideNoOthers() {
        CopyPlan plan = LargePlans.ofChunks(10_000);
        CopyWatch watch = CopyWatch.of(ANCHOR, plan, 1);
        List<PlannedChunk> share = plan.share(0, 1);
        commit(share.subList(1_000, 4_000));
        watch.look(ledger);
        assertThat(watch.progress().chunksDone()).isEqualTo(3_000);
        commit(share.subList(0, 1_000));
        watch.look(ledger);
        assertThat(watch.progress().chunksDone()).isEqualTo(4_000);
        commit(share.subList(4_000, 10_000));
        watch.look(ledger);
        assertThat(watch.isComplete()).isTrue();
        assertThat(watch.progress().tablesRemaining()).isZero();
    }

    /** Whoever leads next, and with however many tasks: each chunk is asked for once, and none of a table that has an entry. */
    @Test
    void theNextLeaderFindsWhatIsDone() {
        CopyPlan plan = LargePlans.ofChunks(100_000);
        plan.everyChunk().subList(0, 40_000).forEach(chunk -> commit(List.of(chunk)));
        CopyWatch watch = CopyWatch.of(ANCHOR, plan, 7);
        watch.look(ledger);
        assertThat(watch.progress().chunksDone()).isEqualTo(40_000);
        assertThat(offsets.asked()).isLessThanOrEqualTo(40_000 + 7 * 8_192 + BESIDES);

        plan.tables().subList(0, 4).forEach(table -> {
            CopiedTable entry = new CopiedTable(1, ANCHOR.lsn(), 30_000, 300_000, OffsetRanges.Snapshot.EMPTY);
            others.put(CopiedTable.sourcePartition(SERVER, table.oid()), entry.toSourceOffset());
        });
        done.clear();
        CopyWatch another = CopyWatch.of(ANCHOR, plan, 7);
        another.look(ledger);
        assertThat(another.progress().chunksDone()).isEqualTo(40_000);
        assertThat(another.progress().rowsDone()).isEqualTo(120_000);
        assertThat(another.progress().tablesRemaining()).isEqualTo(6);
        assertThat(offsets.asked()).isLessThanOrEqualTo(7 * 64 + BESIDES);
    }

    /** On a busy machine a look of a small copy may take a second, and the stream waits for the next. */
    @Test
    void theLessIsLeftTheSoonerIsTheNextLook() {
        long second = TimeUnit.SECONDS.toNanos(1);
        assertThat(CopyWatch.pauseNanos(second, 0)).isEqualTo(second / 4);
        assertThat(CopyWatch.pauseNanos(second, 750)).isEqualTo(second);
        assertThat(CopyWatch.pauseNanos(second, 1_000_000)).isEqualTo(49 * second);
        assertThat(CopyWatch.pauseNanos(second / 1_000, 750)).isEqualTo(49 * second / 1_000);
    }

    private void commit(List<PlannedChunk> chunks) {
        chunks.forEach(chunk -> done.add(chunk.id().sourcePartition(SERVER)));
    }

    private static Map<String, Object> doneOffset(Map<String, ?> partition) {
        ChunkId chunk = new ChunkId(
                new io.pgseam.pg.TableId("public", String.valueOf(partition.get("table"))),
                1,
                ((Number) partition.get("blocks")).longValue(),
                ((Number) partition.get("chunk")).longValue(),
                1);
        return new ChunkProgress(1, ANCHOR.lsn(), chunk.endBlock(), 0, true, 3, 30, 3, 0L, OffsetRanges.Snapshot.EMPTY)
                .toSourceOffset();
    }
}
