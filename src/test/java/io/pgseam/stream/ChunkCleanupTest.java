package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.record.JsonForm;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.snapshot.CopyTally;
import io.pgseam.snapshot.LargePlans;
import io.pgseam.snapshot.TableDoneRecords;
import io.pgseam.testing.CommittedOffsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** After the seam no entry of a chunk is left, however the task is interrupted. */
class ChunkCleanupTest {

    private static final String SERVER = "shop";
    private static final Anchor ANCHOR = new Anchor(1, Lsn.parse("0/1A2B3C8"));

    private final CopyPlan plan = LargePlans.ofChunks(5_000);
    private final CommittedOffsets offsets = new CommittedOffsets();
    private final Ledger ledger = new Ledger(SERVER, offsets);
    private boolean seam = true;
    private long now;

    @Test
    void deletesEveryChunkAndKeepsAnEntryOfEachTable() {
        copyEverything();
        makeEntries();
        ChunkCleanup cleanup = cleanup();
        List<SourceRecord> records = run(cleanup, true);
        assertThat(records).hasSize(5_000).allMatch(record -> record.sourceOffset() == null);
        assertThat(offsets.size()).as("one of each table is left").isEqualTo(10);
        assertThat(isCopied()).isTrue();
        long asked = offsets.asked();
        assertThat(run(cleanup(), true)).as("a task that is started again").isEmpty();
        assertThat(offsets.asked() - asked)
                .as("entries of tables, twice, and their first chunks")
                .isEqualTo(30);
    }

    /** Without exactly-once support, Connect commits each entry when it pleases. */
    @Test
    void deletesAgainWhatWasNotCommitted() {
        copyEverything();
        makeEntries();
        ChunkCleanup cleanup = cleanup();
        List<SourceRecord> lost = run(cleanup, false);
        assertThat(lost).as("not the first chunks, and none twice").hasSize(4_990);
        assertThat(offsets.size()).isEqualTo(5_010);
        now += TimeUnit.MINUTES.toNanos(4);
        run(cleanup, true);
        assertThat(offsets.size()).isEqualTo(10);
    }

    @Test
    void finishesWhatAnotherTaskHasBegun() {
        copyEverything();
        makeEntries();
        ChunkCleanup interrupted = cleanup();
        for (int look = 0; look < 3; look++) {
            interrupted.look().forEach(offsets::commit);
        }
        assertThat(offsets.size()).isBetween(11, 5_009);
        run(cleanup(), true);
        assertThat(offsets.size()).isEqualTo(10);
    }

    @Test
    void makesTheEntriesThatAnEarlierReleaseDidNotMake() {
        copyEverything();
        List<SourceRecord> records = run(cleanup(), true);
        assertThat(records).filteredOn(record -> record.sourceOffset() != null).hasSize(10);
        assertThat(offsets.size()).isEqualTo(10);
        assertThat(isCopied()).isTrue();
    }

    @Test
    void deletesNothingBeforeTheSeam() {
        copyEverything();
        makeEntries();
        seam = false;
        assertThat(run(cleanup(), true)).isEmpty();
        assertThat(offsets.size()).isEqualTo(5_010);
    }

    private boolean isCopied() {
        return CopyTally.ofTables(plan, ANCHOR, any -> true).look(ledger);
    }

    /** As many looks as a monitor makes in two minutes. */
    private List<SourceRecord> run(ChunkCleanup cleanup, boolean commits) {
        List<SourceRecord> all = new ArrayList<>();
        for (int look = 0; look < 600; look++) {
            List<SourceRecord> records = cleanup.look();
            all.addAll(records);
            if (commits) {
                records.forEach(offsets::commit);
            }
            now += TimeUnit.MILLISECONDS.toNanos(200);
        }
        return all;
    }

    private void copyEverything() {
        for (PlannedChunk chunk : plan.everyChunk()) {
            ChunkProgress progress = new ChunkProgress(
                    1, ANCHOR.lsn(), chunk.id().endBlock(), 0, true, 3, 30, 3, 0L, OffsetRanges.Snapshot.EMPTY);
            offsets.commit(chunk.id().sourcePartition(SERVER), progress.toSourceOffset());
        }
    }

    private void makeEntries() {
        plan.tables().forEach(table -> {
            CopiedTable entry = new CopiedTable(1, ANCHOR.lsn(), 1_500, 15_000, OffsetRanges.Snapshot.EMPTY);
            offsets.commit(CopiedTable.sourcePartition(SERVER, table.oid()), entry.toSourceOffset());
        });
    }

    private ChunkCleanup cleanup() {
        CopyRecords control =
                new CopyRecords(new ControlRecords(SERVER, "shop.seam", JsonForm.BYTES, Clock.systemUTC()));
        return new ChunkCleanup(
                SERVER,
                plan,
                ledger,
                () -> seam,
                CopyTally.ofTables(plan, ANCHOR, any -> true),
                new TableDoneRecords(SERVER, control, Object::toString),
                control,
                () -> now);
    }
}
