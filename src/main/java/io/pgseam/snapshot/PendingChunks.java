package io.pgseam.snapshot;

import io.pgseam.ledger.Ledger;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a share of which something is to be read, in their order. The ledger is asked for the next few hundred, shortly before they are
 * read: what it calls done is passed over. Memory: four bytes for each chunk. Belongs to one thread.
 */
final class PendingChunks {

    /** So many chunks are asked for at once. */
    private static final int MOST_AT_ONCE = 500;

    private final CopyPlan plan;
    private final ChunkList share;
    private final Ledger ledger;
    private final DoneTables tables;

    /** Indexes into the share: a ring. */
    private final int[] ring;

    private int head;
    private int count;

    /** How many chunks at the head are known not to be done. */
    private int known;

    /** Of those chunks at the head that are partly read. */
    private final Map<ChunkId, ChunkProgress> progress = new HashMap<>();

    private boolean entriesAreRead;

    /** @param tables is told of each chunk that is done already */
    PendingChunks(CopyPlan plan, ChunkList share, Ledger ledger, DoneTables tables) {
        this.plan = plan;
        this.share = share;
        this.ledger = ledger;
        this.tables = tables;
        this.ring = new int[Math.max(1, share.size())];
        this.count = share.size();
        for (int index = 0; index < count; index++) {
            ring[index] = index;
        }
    }

    /** Whether nothing more is to be read. May ask the ledger. */
    boolean isEmpty() {
        passOverCopiedRelations();
        while (count > 0 && known == 0) {
            askForNext();
        }
        return count == 0;
    }

    /** The first chunk; only if there is one. */
    PlannedChunk first() {
        if (isEmpty()) {
            throw new IllegalStateException("no chunk is left");
        }
        return share.get(ring[head]);
    }

    /** Takes the first chunk away. */
    void removeFirst() {
        progress.remove(first().id());
        dropFirst();
        known--;
    }

    /**
     * Moves all chunks of the first one's table behind those of the others, in their order: each one would wait for the same lock, and the other
     * tables for each one.
     */
    void postponeTable() {
        int relation = share.relationAt(ring[head]);
        int[] postponed = new int[count];
        int postponedCount = 0;
        int kept = 0;
        for (int place = 0; place < count; place++) {
            int index = ring[(head + place) % ring.length];
            if (share.relationAt(index) == relation) {
                postponed[postponedCount++] = index;
            } else {
                ring[(head + kept++) % ring.length] = index;
            }
        }
        for (int place = 0; place < postponedCount; place++) {
            ring[(head + kept + place) % ring.length] = postponed[place];
        }
        if (kept > 0) {
            // Others are at the head now.
            known = 0;
            progress.clear();
        }
    }

    /** How far a chunk was read before this task began; null if not at all. */
    @Nullable
    ChunkProgress committed(ChunkId chunk) {
        return progress.get(chunk);
    }

    /** The chunks of relations without rows that are still to be called done. */
    List<PlannedChunk> ofEmptyRelations() {
        passOverCopiedRelations();
        List<PlannedChunk> empty = new ArrayList<>();
        for (int place = 0; place < count; place++) {
            int index = ring[(head + place) % ring.length];
            if (isOfEmptyRelation(index)) {
                empty.add(share.get(index));
            }
        }
        List<PlannedChunk> open = new ArrayList<>();
        Map<ChunkId, ChunkProgress> committed =
                ledger.chunks(empty.stream().map(PlannedChunk::id).toList());
        for (PlannedChunk chunk : empty) {
            ChunkProgress of = committed.get(chunk.id());
            if (of != null && of.done()) {
                tables.chunkDone(chunk.relation().table());
            } else {
                open.add(chunk);
            }
        }
        return open;
    }

    /** Takes the chunks of relations without rows away. */
    void removeThoseOfEmptyRelations() {
        keep(index -> !isOfEmptyRelation(index));
    }

    private boolean isOfEmptyRelation(int index) {
        return plan.relations().get(share.relationAt(index)).blocks() == 0;
    }

    private void passOverCopiedRelations() {
        if (entriesAreRead) {
            return;
        }
        entriesAreRead = true;
        CopiedEntries entries = CopiedEntries.read(plan.relations(), ledger);
        if (!entries.isEmpty()) {
            keep(index -> {
                PlannedRelation relation = plan.relations().get(share.relationAt(index));
                boolean copied = entries.cover(relation);
                if (copied) {
                    tables.chunkDone(relation.table());
                }
                return !copied;
            });
        }
    }

    private interface Test {
        boolean keeps(int index);
    }

    private void keep(Test test) {
        int kept = 0;
        for (int place = 0; place < count; place++) {
            int index = ring[(head + place) % ring.length];
            if (test.keeps(index)) {
                ring[(head + kept++) % ring.length] = index;
            }
        }
        count = kept;
        known = 0;
    }

    private void askForNext() {
        int asked = Math.min(MOST_AT_ONCE, count);
        List<PlannedChunk> next = new ArrayList<>();
        int[] indexes = new int[asked];
        for (int place = 0; place < asked; place++) {
            indexes[place] = ring[head];
            next.add(share.get(ring[head]));
            dropFirst();
        }
        Map<ChunkId, ChunkProgress> committed =
                ledger.chunks(next.stream().map(PlannedChunk::id).toList());
        for (int place = asked - 1; place >= 0; place--) {
            PlannedChunk chunk = next.get(place);
            ChunkProgress of = committed.get(chunk.id());
            if (of != null && of.done()) {
                tables.chunkDone(chunk.relation().table());
                continue;
            }
            if (of != null) {
                progress.put(chunk.id(), of);
            }
            head = (head + ring.length - 1) % ring.length;
            ring[head] = indexes[place];
            count++;
            known++;
        }
    }

    private void dropFirst() {
        head = (head + 1) % ring.length;
        count--;
    }
}
