package io.pgseam.stream;

import io.pgseam.control.CopyRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.snapshot.CopiedEntries;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyTally;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.TableDoneRecords;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Deletes the ledger's entries of chunks after the seam. Each worker of a cluster has the whole offsets topic in its memory, so a million entries
 * that is not needed any more must not stay there. What is copied of a table is in one entry by then, see {@link CopiedEntries}.
 *
 * <p>The first chunk of a relation goes last, once the others are seen to be gone: a task that is started again finds by it whether there is something to
 * delete.
 */
final class ChunkCleanup {

    private static final int MOST_AT_ONCE = 1_000;

    private static final long BEGIN_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Between two looks whether what was deleted is gone: at first, and at most. */
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** By then Connect has committed a deletion, or it will not. */
    private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(3);

    private final String server;
    private final CopyPlan plan;
    private final Ledger ledger;
    private final BooleanSupplier seamIsCommitted;
    private final CopyTally tally;
    private final TableDoneRecords tables;
    private final CopyRecords control;
    private final LongSupplier nanoClock;
    private final Deque<Cleaned> open = new ArrayDeque<>();
    private boolean begun;
    private long beginsAt;

    /** A relation whose entries are being deleted. */
    private static final class Cleaned {
        private final PlannedRelation relation;
        private long next = 1;
        private long found;
        private long deletedAt;
        private long dueAt;
        private long pause = FIRST_PAUSE_NANOS;

        Cleaned(PlannedRelation relation, long now) {
            this.relation = relation;
            this.deletedAt = now - REPEAT_NANOS;
            this.dueAt = now;
        }
    }

    /**
     * @param server {@code topic.prefix}
     * @param seamIsCommitted whether everything of the plan is copied, as far as is committed
     * @param tally of all tables of the plan
     * @param tables says of tables that an earlier release copied what is copied of them
     */
    ChunkCleanup(
            String server,
            CopyPlan plan,
            Ledger ledger,
            BooleanSupplier seamIsCommitted,
            CopyTally tally,
            TableDoneRecords tables,
            CopyRecords control,
            LongSupplier nanoClock) {
        this.server = server;
        this.plan = plan;
        this.ledger = ledger;
        this.seamIsCommitted = seamIsCommitted;
        this.tally = tally;
        this.tables = tables;
        this.control = control;
        this.nanoClock = nanoClock;
        this.beginsAt = nanoClock.getAsLong();
    }

    /** The records that delete the next entries; none if it is not time for that, or nothing is left to do. */
    List<SourceRecord> look() {
        if (!begun) {
            return begin();
        }
        Cleaned first = open.peek();
        if (first == null || nanoClock.getAsLong() - first.dueAt < 0) {
            return List.of();
        }
        List<SourceRecord> records = new ArrayList<>();
        for (int asked = 0;
                asked < MOST_AT_ONCE && !open.isEmpty() && nanoClock.getAsLong() - open.element().dueAt >= 0; ) {
            asked += lookAt(open.element(), MOST_AT_ONCE - asked, records);
        }
        return records;
    }

    /** Not before the ledger has an entry of each table: what is not covered by one would stay until the task is started again. */
    private List<SourceRecord> begin() {
        long now = nanoClock.getAsLong();
        if (now - beginsAt < 0 || !seamIsCommitted.getAsBoolean()) {
            return List.of();
        }
        beginsAt = now + BEGIN_PAUSE_NANOS;
        if (!tally.isComplete()) {
            // A release that made no entries has copied these tables.
            tally.look(ledger);
            List<SourceRecord> made = tables.of(tally);
            if (!made.isEmpty()) {
                return made;
            }
        }
        List<PlannedRelation> copied = plan.relations().stream()
                .filter(relation -> relation.chunks() > 0)
                .toList();
        CopiedEntries entries = CopiedEntries.read(copied, ledger);
        if (copied.stream().allMatch(entries::cover)) {
            openThoseWithFirstChunk(copied);
            begun = true;
        }
        return List.of();
    }

    private void openThoseWithFirstChunk(List<PlannedRelation> relations) {
        Map<ChunkId, ChunkProgress> committed = ledger.chunks(
                relations.stream().map(relation -> relation.chunk(0)).toList());
        relations.stream()
                .filter(relation -> committed.containsKey(relation.chunk(0)))
                .forEach(relation -> open.add(new Cleaned(relation, nanoClock.getAsLong())));
    }

    /** Returns how many entries were asked for. */
    private int lookAt(Cleaned cleaned, int most, List<SourceRecord> records) {
        long chunks = cleaned.relation.chunks();
        long end = Math.min(chunks, cleaned.next + most);
        List<ChunkId> asked = new ArrayList<>();
        for (long number = cleaned.next; number < end; number++) {
            asked.add(cleaned.relation.chunk(number));
        }
        Map<ChunkId, ChunkProgress> committed = ledger.chunks(asked);
        long now = nanoClock.getAsLong();
        boolean deletes = now - cleaned.deletedAt >= REPEAT_NANOS;
        for (ChunkId chunk : asked) {
            if (committed.containsKey(chunk)) {
                cleaned.found++;
                if (deletes) {
                    records.add(forgotten(chunk));
                }
            }
        }
        cleaned.next = end;
        if (end == chunks) {
            endOfPass(cleaned, deletes, now, records);
        }
        return Math.max(1, asked.size());
    }

    private void endOfPass(Cleaned cleaned, boolean deleted, long now, List<SourceRecord> records) {
        open.remove(cleaned);
        if (cleaned.found == 0) {
            records.add(forgotten(cleaned.relation.chunk(0)));
            return;
        }
        cleaned.pause = deleted ? FIRST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, 2 * cleaned.pause);
        cleaned.deletedAt = deleted ? now : cleaned.deletedAt;
        cleaned.dueAt = now + cleaned.pause;
        cleaned.found = 0;
        cleaned.next = 1;
        open.add(cleaned);
    }

    private SourceRecord forgotten(ChunkId chunk) {
        return control.chunkForgotten(chunk, chunk.sourcePartition(server));
    }
}
