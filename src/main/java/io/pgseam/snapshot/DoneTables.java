package io.pgseam.snapshot;

import io.pgseam.ledger.Ledger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of tables that their last chunk is copied. Several tasks may copy chunks of one table, and only the ledger knows what all of them have
 * done. So the task that has the last chunk of a table in its share asks the ledger, in a thread of its own, as soon as its own chunks of the table
 * are done. What it does not come to any more, the stream task says before the seam.
 */
final class DoneTables implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DoneTables.class);
    private static final long SHORTEST_PAUSE_MS = 200;

    /** Looks take no more than a fiftieth of the time. */
    private static final int PAUSE_PER_LOOK = 50;

    private static final long LONGEST_STOP_MS = 2_000;

    private final CopyTally tally;
    private final Ledger ledger;
    private final TableDoneRecords records;

    /** By the OID of a table that this task says something of, how many of its own chunks are not done. */
    private final Map<Long, int[]> ownChunks = new HashMap<>();

    /** OIDs of the tables all of whose chunks in this task's share are done. */
    private final Set<Long> ready = new HashSet<>();

    private final Queue<SourceRecord> found = new ConcurrentLinkedQueue<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    DoneTables(CopyAssignment assignment, Deal deal, Ledger ledger, TableDoneRecords records) {
        this.ledger = ledger;
        this.records = records;
        CopyPlan plan = assignment.plan();
        Map<Long, Integer> lastTasks = new HashMap<>();
        for (int place = 0; place < plan.relations().size(); place++) {
            if (deal.lastTaskOf(place) >= 0) {
                lastTasks.put(plan.relations().get(place).table().oid(), deal.lastTaskOf(place));
            }
        }
        lastTasks.values().removeIf(task -> task != assignment.task());
        ChunkList share = deal.share(assignment.task());
        for (int index = 0; index < share.size(); index++) {
            PlannedTable table = plan.relations().get(share.relationAt(index)).table();
            if (lastTasks.containsKey(table.oid())) {
                ownChunks.computeIfAbsent(table.oid(), unused -> new int[1])[0]++;
            }
        }
        tally = CopyTally.ofTables(plan, assignment.anchor(), table -> ownChunks.containsKey(table.oid()));
        thread = new Thread(this::run, "pgseam-tables-" + assignment.task());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** A chunk of this task's share is done, or was done before the task began. Any thread may say so. */
    synchronized void chunkDone(PlannedTable of) {
        int[] left = ownChunks.get(of.oid());
        if (left != null && --left[0] == 0) {
            ready.add(of.oid());
        }
    }

    /** The records of tables that were found to be copied since the last call. Does not wait. */
    List<SourceRecord> found() {
        List<SourceRecord> taken = new ArrayList<>();
        for (SourceRecord next = found.poll(); next != null; next = found.poll()) {
            taken.add(next);
        }
        return taken;
    }

    private void run() {
        long pauseMs = SHORTEST_PAUSE_MS;
        try {
            while (!stopped.await(pauseMs, TimeUnit.MILLISECONDS)) {
                long begun = System.nanoTime();
                look();
                long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                pauseMs = Math.max(SHORTEST_PAUSE_MS, PAUSE_PER_LOOK * tookMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The stream task says it before the seam.
            if (stopped.getCount() > 0) {
                LOG.warn("Cannot ask Connect's offsets which tables are copied: {}", e.toString());
            }
        }
    }

    private void look() {
        List<Long> asked;
        synchronized (this) {
            asked = List.copyOf(ready);
        }
        if (asked.isEmpty()) {
            return;
        }
        tally.look(ledger, asked);
        found.addAll(records.of(tally));
        synchronized (this) {
            ready.removeAll(tally.copied().keySet());
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            thread.join(LONGEST_STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
