package io.pgseam.snapshot;

import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Adds up what is copied of a table or of one of its relations, chunk by chunk in their order, as far as the ledger calls them done. A done chunk
 * is read once. Of chunks that are not done only the next few are read.
 */
final class ChunkTally {

    private static final int FIRST_CHUNKS = 4;
    static final int MOST_CHUNKS = 250;

    private final List<PlannedRelation> relations;
    private CopiedTable copied;
    private int relation;
    private long number;
    private long done;
    private int ahead = FIRST_CHUNKS;

    /** @param relations relations of one table; at least one */
    ChunkTally(List<PlannedRelation> relations, Anchor anchor) {
        this.relations = List.copyOf(relations);
        this.copied = CopiedTable.nothing(anchor);
        skipWithoutChunks();
    }

    private void skipWithoutChunks() {
        while (relation < relations.size() && number >= relations.get(relation).chunks()) {
            relation++;
            number = 0;
        }
    }

    /** The next chunks of which the ledger is to be asked; none if all are done. */
    List<ChunkId> next() {
        List<ChunkId> next = new ArrayList<>();
        long from = number;
        for (int at = relation; at < relations.size() && next.size() < ahead; at++) {
            PlannedRelation here = relations.get(at);
            for (long chunk = from; chunk < here.chunks() && next.size() < ahead; chunk++) {
                next.add(here.chunk(chunk));
            }
            from = 0;
        }
        return next;
    }

    /**
     * Adds those of the next chunks that are done.
     *
     * @param progress what the ledger says of the next chunks, and maybe of others
     * @return whether all of the next chunks are done
     */
    boolean take(Map<ChunkId, ChunkProgress> progress) {
        int taken = 0;
        while (!isComplete()) {
            ChunkProgress chunk = progress.get(relations.get(relation).chunk(number));
            if (chunk == null || !chunk.done()) {
                break;
            }
            copied = copied.with(chunk);
            taken++;
            number++;
            skipWithoutChunks();
        }
        done += taken;
        boolean all = taken == ahead || isComplete();
        ahead = all ? Math.min(MOST_CHUNKS, 4 * ahead) : FIRST_CHUNKS;
        return all;
    }

    /** Whether every chunk of the table is done. */
    boolean isComplete() {
        return relation >= relations.size();
    }

    PlannedTable table() {
        return relations.get(0).table();
    }

    /** The generation at which the copy of its newest relation began. */
    int since() {
        return relations.stream().mapToInt(PlannedRelation::since).max().orElse(0);
    }

    /** How many relations hold rows of the table that are copied. */
    long relations() {
        return relations.stream().filter(each -> each.chunks() > 0).count();
    }

    /** How many chunks they have. */
    long chunks() {
        return relations.stream().mapToLong(PlannedRelation::chunks).sum();
    }

    /** How many chunks were found to be done. */
    long done() {
        return done;
    }

    /** What is copied of the table; of all of it once the tally is complete. */
    CopiedTable copied() {
        return copied;
    }
}
