package io.pgseam.snapshot;

import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what is copied of a table or of one of its relations, chunk by chunk in their order, as far as the ledger calls them done. A done chunk
 * is read once. Of chunks that are not done only the next few are read.
 */
final class ChunkTally {

    private static final int FIRST_CHUNKS = 4;
    static final int MOST_CHUNKS = 250;

    private final List<PlannedRelation> all;
    private List<PlannedRelation> relations;
    private CopiedTable copied;
    private int place;
    private long number;
    private long done;
    private int ahead = FIRST_CHUNKS;

    /** @param relations relations of one table; at least one */
    ChunkTally(List<PlannedRelation> relations, Anchor anchor) {
        this.all = List.copyOf(relations);
        this.relations = all;
        this.copied = CopiedTable.nothing(anchor);
        skipWithoutChunks();
    }

    private void skipWithoutChunks() {
        while (place < relations.size() && number >= relations.get(place).chunks()) {
            place++;
            number = 0;
        }
    }

    /** The next chunks of which the ledger is to be asked; none if all are done. */
    List<ChunkId> next() {
        List<ChunkId> next = new ArrayList<>();
        long from = number;
        for (int at = place; at < relations.size() && next.size() < ahead; at++) {
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
            ChunkProgress chunk = progress.get(relations.get(place).chunk(number));
            if (chunk == null || !chunk.done()) {
                break;
            }
            copied = copied.with(chunk);
            taken++;
            number++;
            skipWithoutChunks();
        }
        done += taken;
        boolean tookAll = taken == ahead || isComplete();
        ahead = tookAll ? Math.min(MOST_CHUNKS, 4 * ahead) : FIRST_CHUNKS;
        return tookAll;
    }

    /** Whether every chunk of the table is done. */
    boolean isComplete() {
        return place >= relations.size();
    }

    /** One of its relations. */
    PlannedRelation relation() {
        return all.get(0);
    }

    PlannedTable table() {
        return relation().table();
    }

    /**
     * Takes what an entry says in place of chunks. Before any chunk is taken.
     *
     * @return the entry, if it is about all relations; null if chunks remain to be asked for
     */
    @Nullable
    CopiedTable take(CopiedEntries entries) {
        List<PlannedRelation> others =
                all.stream().filter(each -> !entries.cover(each)).toList();
        if (others.size() == all.size()) {
            return null;
        }
        CopiedTable entry = Objects.requireNonNull(all.stream()
                .map(entries::of)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null));
        if (others.isEmpty()) {
            return entry;
        }
        relations = others;
        copied = copied.with(entry);
        skipWithoutChunks();
        return null;
    }

    /** How many relations hold rows of the table that are copied. */
    long relations() {
        return all.stream().filter(each -> each.chunks() > 0).count();
    }

    /** How many chunks they have. */
    long chunks() {
        return all.stream().mapToLong(PlannedRelation::chunks).sum();
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
