package io.pgseam.leader;

import io.pgseam.ledger.Ledger;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import io.pgseam.snapshot.ChunkList;
import io.pgseam.snapshot.CopiedEntries;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.snapshot.Deal;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The chunks of a plan that the ledger does not call done yet. Each task reads its share in order, so a look asks only for the next chunks of each
 * share: what it costs depends on the number of tasks, and not on how many chunks are left. Memory: eight bytes and a bit for each chunk.
 *
 * <p>How many tasks there are is only a guess that makes looks cheap. If it is wrong, chunks are found to be done later, but never too early.
 */
final class RemainingChunks {

    /** So many chunks of a share are asked for. */
    private static final int WINDOW = 64;

    /** While all that is asked for is done, as after a change of leader, more and more are asked for. */
    private static final int LARGEST_WINDOW = 4_096;

    /** No more than this part of a window is of one relation: if one is locked, its task copies others meanwhile. */
    private static final int RELATIONS_PER_WINDOW = 4;

    /** Hears what a look found. */
    interface Listener {

        /**
         * A chunk is done that was not at the last look.
         *
         * @param rows rows that were read; of several chunks of a table the first may have those of all
         */
        void done(PlannedChunk chunk, long rows);

        /** A chunk is begun and not done. */
        void begun(PlannedChunk chunk, ChunkProgress progress);
    }

    private final CopyPlan plan;
    private final List<Share> shares = new ArrayList<>();
    private long left;
    private boolean entriesAreRead;

    /** @param tasks how many tasks probably share the plan; at least one */
    RemainingChunks(CopyPlan plan, int tasks) {
        this.plan = plan;
        this.left = plan.chunks();
        Deal deal = plan.deal(tasks);
        for (int task = 0; task < tasks; task++) {
            shares.add(new Share(deal.share(task)));
        }
    }

    /** How many chunks are not done, as of the last look. */
    long count() {
        return left;
    }

    /** Asks the ledger. */
    void look(Ledger ledger, Listener listener) {
        if (!entriesAreRead) {
            entriesAreRead = true;
            takeEntries(CopiedEntries.read(plan.relations(), ledger), listener);
        }
        shares.forEach(Share::beginLook);
        List<Share> asked = shares;
        while (!asked.isEmpty()) {
            Map<ChunkId, PlannedChunk> next = new HashMap<>();
            asked.forEach(share -> share.next().forEach(chunk -> next.put(chunk.id(), chunk)));
            Map<ChunkId, ChunkProgress> progress = ledger.chunks(next.keySet());
            List<Share> further = new ArrayList<>();
            for (Share share : asked) {
                long done = share.take(progress, listener);
                left -= done;
                if (done > 0) {
                    further.add(share);
                }
            }
            asked = further;
        }
    }

    private void takeEntries(CopiedEntries entries, Listener listener) {
        Set<Long> tables = new HashSet<>();
        for (Share share : shares) {
            for (int index = 0; index < share.chunks.size(); index++) {
                CopiedTable entry = entries.of(plan.relations().get(share.chunks.relationAt(index)));
                if (entry != null) {
                    PlannedChunk chunk = share.chunks.get(index);
                    share.done.set(index);
                    listener.done(chunk, tables.add(chunk.relation().table().oid()) ? entry.rows() : 0);
                    left--;
                }
            }
        }
    }

    /** The chunks of a task. */
    private static final class Share {
        private final ChunkList chunks;
        private final BitSet done = new BitSet();
        private final Set<Integer> asked = new HashSet<>();
        private final List<Integer> next = new ArrayList<>();
        private int window = WINDOW;

        Share(ChunkList chunks) {
            this.chunks = chunks;
        }

        void beginLook() {
            asked.clear();
            window = WINDOW;
        }

        /** The next chunks that are not done, without those that were asked for in this look. */
        List<PlannedChunk> next() {
            next.clear();
            int open = 0;
            int relation = -1;
            int ofRelation = 0;
            int index = done.nextClearBit(0);
            while (index < chunks.size() && open < window) {
                if (chunks.relationAt(index) != relation) {
                    relation = chunks.relationAt(index);
                    ofRelation = 0;
                }
                if (ofRelation == window / RELATIONS_PER_WINDOW) {
                    index = done.nextClearBit(chunks.endOfRelation(index));
                    continue;
                }
                ofRelation++;
                open++;
                if (asked.add(index)) {
                    next.add(index);
                }
                index = done.nextClearBit(index + 1);
            }
            return next.stream().map(chunks::get).toList();
        }

        /** Takes what the ledger says of the next chunks; returns how many of them are done. */
        long take(Map<ChunkId, ChunkProgress> progress, Listener listener) {
            long found = 0;
            for (int index : next) {
                PlannedChunk chunk = chunks.get(index);
                ChunkProgress of = progress.get(chunk.id());
                if (of != null && of.done()) {
                    done.set(index);
                    listener.done(chunk, of.rows());
                    found++;
                } else if (of != null) {
                    listener.begun(chunk, of);
                }
            }
            window = found == next.size() ? Math.min(LARGEST_WINDOW, 2 * window) : window;
            return found;
        }
    }
}
