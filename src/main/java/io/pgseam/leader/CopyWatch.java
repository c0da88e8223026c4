package io.pgseam.leader;

import io.pgseam.ledger.Ledger;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.ShareState;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.snapshot.PlannedRelation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the copy of a plan by what the ledger says, and tells the log about it every 10 s. */
final class CopyWatch implements RemainingChunks.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(CopyWatch.class);
    /** Looks take no more than a fiftieth of the time, unless little is left to look for. */
    private static final int PAUSE_PER_LOOK = 49;

    /** The longest pause if no chunk is left, to which each chunk that is left adds a millisecond. */
    private static final long LONGEST_LAST_PAUSE_MS = 250;

    private static final long LOG_NANOS = Duration.ofSeconds(10).toNanos();

    private final Anchor anchor;
    private final CopyPlan plan;
    private final long tables;
    private final RemainingChunks remaining;

    /** By the OID of a table, how many chunks of it are not done. */
    private final Map<Long, int[]> chunksOfTables = new HashMap<>();

    private long doneRows;
    private double doneBytes;
    private long partialRows;
    private double partialBytes;
    private @Nullable String misfit;

    private long nextLook = System.nanoTime();
    private long lastLog = System.nanoTime();
    private final long firstLook = System.nanoTime();
    private double bytesAtFirstLook = -1;
    private long remainingAtFirstLook;
    private double bytesAtLastLog;
    private long rowsAtLastLog;
    private long rowsPerSecond = -1;
    private long remainingMs = -1;

    /**
     * How far the copy is. A number is -1 if it is not known.
     *
     * @param tables how many tables the plan has
     * @param tablesRemaining how many of them are not completely copied
     * @param chunks how many chunks the plan has
     * @param chunksDone how many of them are done
     * @param bytes size of the plan's relations
     * @param bytesDone how much of it is committed, about
     * @param rowsDone how many rows are committed
     * @param rowsPerSecond committed rows a second
     * @param remainingMs estimated time to the end, in ms
     */
    record Progress(
            long tables,
            long tablesRemaining,
            long chunks,
            long chunksDone,
            long bytes,
            long bytesDone,
            long rowsDone,
            long rowsPerSecond,
            long remainingMs) {}

    /** How far the copy is, as of the last look. */
    Progress progress() {
        return new Progress(
                tables,
                chunksOfTables.size(),
                plan.chunks(),
                plan.chunks() - remaining.count(),
                plan.bytes(),
                Math.round(doneBytes + partialBytes),
                doneRows + partialRows,
                rowsPerSecond,
                remaining.count() == 0 ? 0 : remainingMs);
    }

    /**
     * Of a copy that has begun, or is to begin.
     *
     * @param mostTasks {@code tasks.max}
     */
    static CopyWatch of(Anchor anchor, CopyPlan plan, int mostTasks) {
        return new CopyWatch(anchor, plan, Math.max(1, TaskConfigs.copyTasks(plan, anchor, mostTasks)));
    }

    private CopyWatch(Anchor anchor, CopyPlan plan, int tasks) {
        this.anchor = anchor;
        this.plan = plan;
        this.tables = plan.tables().size();
        this.remaining = new RemainingChunks(plan, tasks);
        plan.relations().stream()
                .filter(relation -> relation.chunks() > 0)
                .forEach(relation ->
                        chunksOfTables.computeIfAbsent(relation.table().oid(), unused -> new int[1])[0] +=
                                Math.toIntExact(relation.chunks()));
    }

    /** Looks, unless the last look was so short a time ago that another would keep the leader from its work. */
    void lookIfDue(Ledger ledger) {
        long begin = System.nanoTime();
        if (begin - nextLook < 0) {
            return;
        }
        look(ledger);
        logNowAndThen();
        long end = System.nanoTime();
        nextLook = end + pauseNanos(end - begin, remaining.count());
    }

    /**
     * How long no other look is due. A look that took long on a busy machine says little of what the next one costs: that depends on how much
     * is left. And the stream waits for the look that finds nothing left.
     *
     * @param chunks how many are not done
     */
    static long pauseNanos(long lookNanos, long chunks) {
        long longest = TimeUnit.MILLISECONDS.toNanos(LONGEST_LAST_PAUSE_MS + chunks);
        return Math.min(PAUSE_PER_LOOK * lookNanos, longest);
    }

    /** Reads what is committed. What the ledger once called done stays done. */
    void look(Ledger ledger) {
        partialRows = 0;
        partialBytes = 0;
        remaining.look(ledger, this);
        for (ShareState share : ledger.newestShares()) {
            if (share.isOf(anchor) && share.misfit() != null) {
                misfit = share.misfit();
            }
        }
        if (bytesAtFirstLook < 0) {
            bytesAtFirstLook = doneBytes + partialBytes;
            bytesAtLastLog = bytesAtFirstLook;
            rowsAtLastLog = doneRows + partialRows;
            remainingAtFirstLook = remaining.count();
        }
    }

    @Override
    public void done(PlannedChunk chunk, long rows) {
        doneRows += rows;
        doneBytes += chunk.relation().bytesPerChunk();
        chunksOfTables.computeIfPresent(chunk.relation().table().oid(), (oid, left) -> --left[0] == 0 ? null : left);
    }

    @Override
    public void begun(PlannedChunk chunk, ChunkProgress progress) {
        partialRows += progress.rows();
        partialBytes += chunk.relation().bytesPerChunk() * fraction(chunk.id(), progress, chunk.relation());
    }

    private static double fraction(ChunkId chunk, ChunkProgress progress, PlannedRelation relation) {
        long blocks = Math.max(1, Math.min(chunk.endBlock(), relation.blocks()) - chunk.firstBlock());
        return Math.min(1.0, (progress.nextBlock() - chunk.firstBlock()) / (double) blocks);
    }

    /** Whether a chunk was finished since the first look. */
    boolean hasProgressed() {
        return remainingAtFirstLook > remaining.count();
    }

    boolean isComplete() {
        return remaining.count() == 0;
    }

    @Nullable
    String misfit() {
        return misfit;
    }

    private void logNowAndThen() {
        long now = System.nanoTime();
        if (now - lastLog < LOG_NANOS) {
            return;
        }
        double bytes = doneBytes + partialBytes;
        long rows = doneRows + partialRows;
        double seconds = (now - lastLog) / 1e9;
        double total = Math.max(1, plan.bytes());
        double rate = (bytes - bytesAtFirstLook) / ((now - firstLook) / 1e9);
        rowsPerSecond = Math.round((rows - rowsAtLastLog) / seconds);
        remainingMs = rate <= 0 ? -1 : Math.round(Math.max(0, total - bytes) / rate * 1000);
        LOG.info(
                "Copying at {}: {} % of {} MB, {} of {} chunks done, {} rows, {} rows/s, {} MB/s, ETA {}",
                anchor,
                String.format(Locale.ROOT, "%.1f", 100 * bytes / total),
                Math.round(total / 1e6),
                plan.chunks() - remaining.count(),
                plan.chunks(),
                rows,
                rowsPerSecond,
                String.format(Locale.ROOT, "%.1f", (bytes - bytesAtLastLog) / seconds / 1e6),
                remainingMs < 0 ? "unknown" : Duration.ofSeconds(Math.round(remainingMs / 1e3)));
        lastLog = now;
        bytesAtLastLog = bytes;
        rowsAtLastLog = rows;
    }
}
