package io.pgseam.snapshot;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Adds up what the ledger says of tables or relations of a plan: which of them are copied, and where their rows are. If the ledger has an entry
 * of a table, no chunk of it is asked for. Not for several threads.
 */
public final class CopyTally {

    /** So many tables are asked for at once, with no more than {@link ChunkTally#MOST_CHUNKS} chunks each. */
    private static final int MOST_TALLIES = 100;

    /** If only the question is whether something is copied. */
    private static final Anchor NO_ANCHOR = new Anchor(1, Lsn.NONE);

    private final Map<Long, ChunkTally> open = new LinkedHashMap<>();
    private final Map<Long, CopiedTable> copied = new LinkedHashMap<>();
    private final List<ChunkTally> counted = new ArrayList<>();
    private final long chunks;
    private long chunksOfCopied;
    private boolean entriesAreRead;

    private CopyTally(
            CopyPlan plan, Anchor anchor, Predicate<PlannedTable> needed, ToLongFunction<PlannedRelation> oid) {
        Map<Long, List<PlannedRelation>> relations = new LinkedHashMap<>();
        for (PlannedRelation relation : plan.relations()) {
            if (relation.chunks() > 0 && needed.test(relation.table())) {
                relations
                        .computeIfAbsent(oid.applyAsLong(relation), unused -> new ArrayList<>())
                        .add(relation);
            }
        }
        relations.forEach((key, parts) -> open.put(key, new ChunkTally(parts, anchor)));
        chunks = open.values().stream().mapToLong(ChunkTally::chunks).sum();
    }

    /**
     * Of tables.
     *
     * @param anchor the anchor at which the rest of the plan is copied
     * @param needed selects tables of the plan
     */
    public static CopyTally ofTables(CopyPlan plan, Anchor anchor, Predicate<PlannedTable> needed) {
        return new CopyTally(plan, anchor, needed, relation -> relation.table().oid());
    }

    /** OIDs of the relations of a plan that are copied, or need no copy. */
    public static Set<Long> copiedRelations(CopyPlan plan, Ledger ledger) {
        CopyTally tally = new CopyTally(plan, NO_ANCHOR, any -> true, PlannedRelation::oid);
        tally.look(ledger);
        Set<Long> relations = new HashSet<>();
        plan.relations().forEach(relation -> relations.add(relation.oid()));
        relations.removeAll(tally.open.keySet());
        return relations;
    }

    /** Looks at what was not copied at the last look; returns whether all is copied now. */
    public boolean look(Ledger ledger) {
        return look(ledger, List.copyOf(open.keySet()));
    }

    /** Looks at these OIDs only, as far as they were not copied at the last look. */
    boolean look(Ledger ledger, Collection<Long> oids) {
        takeEntries(ledger);
        List<ChunkTally> asked = new ArrayList<>();
        for (long oid : oids) {
            ChunkTally tally = open.get(oid);
            if (tally != null) {
                asked.add(tally);
            }
        }
        for (int from = 0; from < asked.size(); from += MOST_TALLIES) {
            count(ledger, asked.subList(from, Math.min(from + MOST_TALLIES, asked.size())));
        }
        open.forEach((oid, tally) -> {
            if (tally.isComplete()) {
                copied.put(oid, tally.copied());
                counted.add(tally);
                chunksOfCopied += tally.chunks();
            }
        });
        open.keySet().removeAll(copied.keySet());
        return open.isEmpty();
    }

    private void takeEntries(Ledger ledger) {
        if (entriesAreRead) {
            return;
        }
        entriesAreRead = true;
        CopiedEntries entries = CopiedEntries.read(
                open.values().stream().map(ChunkTally::relation).toList(), ledger);
        open.forEach((oid, tally) -> {
            CopiedTable entry = tally.take(entries);
            if (entry != null) {
                chunksOfCopied += tally.chunks();
                copied.put(oid, entry);
            }
        });
        open.keySet().removeAll(copied.keySet());
    }

    /** Reads on as long as every chunk that was asked for is done. */
    private static void count(Ledger ledger, List<ChunkTally> tallies) {
        List<ChunkTally> going = tallies;
        while (!going.isEmpty()) {
            List<ChunkId> next = new ArrayList<>();
            going.forEach(tally -> next.addAll(tally.next()));
            Map<ChunkId, ChunkProgress> progress = ledger.chunks(next);
            going = going.stream()
                    .filter(tally -> tally.take(progress) && !tally.isComplete())
                    .toList();
        }
    }

    /** Whether everything is copied, as of the last look. */
    public boolean isComplete() {
        return open.isEmpty();
    }

    /** What is copied by OID, as of the last look. */
    public Map<Long, CopiedTable> copied() {
        return copied;
    }

    /** The tables that were found to be copied though the ledger had no entry of them, since the last call. */
    List<ChunkTally> counted() {
        List<ChunkTally> found = List.copyOf(counted);
        counted.clear();
        return found;
    }

    /** How many chunks there are. */
    public long chunks() {
        return chunks;
    }

    /** How many of them were found to be done; those of a table that is not copied yet only up to the first that is not done. */
    public long chunksDone() {
        return chunksOfCopied
                + open.values().stream().mapToLong(ChunkTally::done).sum();
    }
}
