package io.pgseam.snapshot;

import io.pgseam.ledger.Ledger;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Adds up what the ledger says of tables of a plan: which of them are copied, and where their rows are. If the ledger has an entry of a table, no
 * chunk of it is asked for. Not for several threads.
 */
public final class CopyTally {

    /** So many entries are asked for at once. */
    private static final int MOST_ENTRIES = 1_000;

    /** So many tables are asked for at once, with no more than {@link TableTally#MOST_CHUNKS} chunks each. */
    private static final int MOST_TABLES = 100;

    private final Map<PlannedTable, TableTally> open = new LinkedHashMap<>();
    private final Map<PlannedTable, CopiedTable> copied = new LinkedHashMap<>();
    private final List<TableTally> counted = new ArrayList<>();
    private final long chunks;
    private long chunksOfCopied;
    private boolean entriesAreRead;

    /**
     * @param anchor the anchor at which the rest of the plan is copied
     * @param needed selects tables of the plan
     */
    public CopyTally(CopyPlan plan, Anchor anchor, Predicate<PlannedTable> needed) {
        Map<PlannedTable, List<PlannedRelation>> relations = new LinkedHashMap<>();
        for (PlannedRelation relation : plan.relations()) {
            if (relation.chunks() > 0 && needed.test(relation.table())) {
                relations
                        .computeIfAbsent(relation.table(), unused -> new ArrayList<>())
                        .add(relation);
            }
        }
        relations.forEach((table, parts) -> open.put(table, new TableTally(table, parts, anchor)));
        chunks = open.values().stream().mapToLong(TableTally::chunks).sum();
    }

    /** Looks at the tables that were not copied at the last look; returns whether all are copied now. */
    public boolean look(Ledger ledger) {
        return look(ledger, List.copyOf(open.keySet()));
    }

    /** Looks at these tables only, as far as they were not copied at the last look. */
    boolean look(Ledger ledger, Collection<PlannedTable> tables) {
        if (!entriesAreRead) {
            entriesAreRead = true;
            takeEntries(ledger);
        }
        List<TableTally> asked =
                tables.stream().filter(open::containsKey).map(open::get).toList();
        for (int from = 0; from < asked.size(); from += MOST_TABLES) {
            count(ledger, asked.subList(from, Math.min(from + MOST_TABLES, asked.size())));
        }
        return open.isEmpty();
    }

    private void takeEntries(Ledger ledger) {
        List<PlannedTable> tables = List.copyOf(open.keySet());
        for (int from = 0; from < tables.size(); from += MOST_ENTRIES) {
            List<PlannedTable> some = tables.subList(from, Math.min(from + MOST_ENTRIES, tables.size()));
            Map<Long, CopiedTable> entries =
                    ledger.copiedTables(some.stream().map(PlannedTable::oid).toList());
            for (PlannedTable table : some) {
                CopiedTable entry = entries.get(table.oid());
                TableTally tally = open.get(table);
                if (entry != null && tally != null && entry.generation() >= tally.since()) {
                    chunksOfCopied += tally.chunks();
                    copied.put(table, entry);
                    open.remove(table);
                }
            }
        }
    }

    /** Reads on as long as every chunk that was asked for is done. */
    private void count(Ledger ledger, List<TableTally> tallies) {
        List<TableTally> going = tallies;
        while (!going.isEmpty()) {
            List<ChunkId> next = new ArrayList<>();
            going.forEach(tally -> next.addAll(tally.next()));
            Map<ChunkId, ChunkProgress> progress = ledger.chunks(next);
            List<TableTally> gone = new ArrayList<>();
            for (TableTally tally : going) {
                boolean all = tally.take(progress);
                if (tally.isComplete()) {
                    open.remove(tally.table());
                    copied.put(tally.table(), tally.copied());
                    counted.add(tally);
                    chunksOfCopied += tally.chunks();
                } else if (all) {
                    gone.add(tally);
                }
            }
            going = gone;
        }
    }

    /** Whether every table is copied, as of the last look. */
    public boolean isComplete() {
        return open.isEmpty();
    }

    /** The tables that are copied, as of the last look. */
    public Map<PlannedTable, CopiedTable> copied() {
        return copied;
    }

    /** The tables that were found to be copied though the ledger had no entry of them, since the last call. */
    List<TableTally> counted() {
        List<TableTally> found = List.copyOf(counted);
        counted.clear();
        return found;
    }

    /** How many chunks the tables have. */
    public long chunks() {
        return chunks;
    }

    /** How many of them were found to be done; those of a table that is not copied yet only up to the first that is not done. */
    public long chunksDone() {
        return chunksOfCopied
                + open.values().stream().mapToLong(TableTally::done).sum();
    }
}
