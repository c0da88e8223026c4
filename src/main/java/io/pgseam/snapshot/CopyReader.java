package io.pgseam.snapshot;

import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.ShareState;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.snapshot.SnapshotSession.LockedRelation;
import io.pgseam.task.MessageLimit;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a task's share inside the anchor's snapshot, in a thread of its own and some way ahead of Connect, and nowhere else
 * (invariant I8).
 *
 * <p>A relation is locked for as long as one COPY takes. When the queue is full, the COPY ends and the lock is released, however
 * long Kafka or a paused connector takes (invariant I12); the snapshot stays.
 */
final class CopyReader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CopyReader.class);
    private static final Duration WAIT_FOR_NEW_GENERATION = Duration.ofMinutes(1);
    private static final long RETRY_MS = 1_000;
    private static final long LOCK_RETRY_MS = 200;

    /** How long a COPY, and with it a lock, waits for room in the queue. */
    private static final long PATIENCE_MS = 1_000;

    /** Tables whose rendering is kept, though another table is read now. */
    private static final int MOST_TABLES = 100;

    private final String server;
    private final CopyAssignment assignment;
    private final CopySettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final MessageLimit limit;
    private final TableRecordsFactory recordsFactory;
    private final ShareAnnouncer announcer;
    private final ChunkCompletion completion;
    private final ReadAhead ahead;
    private final CopyMetrics metrics;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Chunks of which something is to be read. */
    private final PendingChunks pending;

    /** OIDs of the tables whose lock was not granted the last time. */
    private final Set<Long> locked = new HashSet<>();

    private final Map<ChunkId, ChunkReader> begun = new HashMap<>();
    private final Map<TableId, TableRecords> records = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TableId, TableRecords> eldest) {
            return size() > MOST_TABLES;
        }
    };
    private @Nullable PlannedTypes types;
    private volatile @Nullable SnapshotSession session;
    private volatile @Nullable RuntimeException failure;
    private volatile boolean finished;
    private long snapshotMissedSince;

    /**
     * Skips what the ledger calls done, and resumes what is partly read where it stopped.
     *
     * @param server {@code topic.prefix}
     * @param pending the chunks to read
     */
    CopyReader(
            String server,
            CopyAssignment assignment,
            PendingChunks pending,
            CopySettings settings,
            Sessions sessions,
            Ledger ledger,
            MessageLimit limit,
            TableRecordsFactory recordsFactory,
            ShareAnnouncer announcer,
            ChunkCompletion completion,
            ReadAhead ahead,
            CopyMetrics metrics) {
        this.metrics = metrics;
        this.server = server;
        this.assignment = assignment;
        this.settings = settings;
        this.sessions = sessions;
        this.ledger = ledger;
        this.limit = limit;
        this.recordsFactory = recordsFactory;
        this.announcer = announcer;
        this.completion = completion;
        this.ahead = ahead;
        this.pending = pending;
        thread = new Thread(this::run, "pgseam-copy-" + assignment.task());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Whether nothing more is going to be read: the share is read, or a misfit was reported. */
    boolean isFinished() {
        return finished;
    }

    /** Throws what has ended the reading, if a person has to act. */
    void ensureNotFailed() {
        RuntimeException failed = failure;
        if (failed != null) {
            // Once more, with the stack of this thread.
            throw new ConnectException(failed.getMessage(), failed);
        }
    }

    private void run() {
        try {
            while (!isClosed() && !pending.isEmpty()) {
                step();
            }
            finished = true;
        } catch (MisfitException e) {
            reportMisfit(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            if (!isClosed()) {
                failure = e instanceof RuntimeException known ? known : new ConnectException(String.valueOf(e), e);
            }
        } finally {
            ahead.end();
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void step() throws MisfitException, InterruptedException {
        try {
            SnapshotSession open = session();
            while (!isClosed() && !pending.isEmpty()) {
                readStride(open);
            }
        } catch (SnapshotLostException e) {
            waitForNewGeneration(e);
        } catch (SQLException e) {
            recover(e);
        }
    }

    private SnapshotSession session()
            throws SQLException, SnapshotLostException, MisfitException, InterruptedException {
        PlannedTypes known = types;
        if (known == null) {
            known = PlannedTypes.load(sessions, assignment.plan(), assignment.anchor());
            types = known;
        }
        SnapshotSession open = session;
        if (open == null) {
            Set<String> snapshots = new LinkedHashSet<>();
            snapshots.add(assignment.snapshot().id());
            for (ShareState share : ledger.newestShares()) {
                if (share.isOf(assignment.anchor())) {
                    snapshots.add(share.snapshot());
                }
            }
            open = SnapshotSession.open(
                    sessions,
                    "copy " + assignment.task(),
                    snapshots,
                    assignment.snapshot().view(),
                    settings.lockTimeoutMs());
            session = open;
            if (isClosed()) {
                closeSession();
                throw new InterruptedException("the task is stopped");
            }
            Failpoint.SNAPSHOT_HELD.pass();
            snapshotMissedSince = 0;
            ahead.put(Piece.announcement(announcer.announce(open.exported(), open.serverVersion(), known)));
            passOverEmptyRelations(open);
        }
        return open;
    }

    /** One look for all of them, and no lock: see {@link SnapshotSession#filenodes}. */
    private void passOverEmptyRelations(SnapshotSession open) throws SQLException, MisfitException {
        List<PlannedChunk> empty = pending.ofEmptyRelations();
        if (empty.isEmpty()) {
            return;
        }
        Map<Long, Long> filenodes = open.filenodes(
                empty.stream().map(chunk -> chunk.relation().oid()).toList());
        for (PlannedChunk chunk : empty) {
            PlannedRelation relation = chunk.relation();
            long filenode = filenodes.getOrDefault(relation.oid(), 0L);
            if (filenode != relation.filenode()) {
                throw MisfitException.rewritten(relation, filenode, assignment.anchor());
            }
        }
        pending.removeThoseOfEmptyRelations();
        for (PlannedChunk chunk : empty) {
            finish(reader(chunk));
        }
    }

    private void readStride(SnapshotSession open) throws SQLException, MisfitException, InterruptedException {
        PlannedChunk next = pending.first();
        try {
            ChunkReader chunk = reader(next);
            if (!chunk.isRead()) {
                ahead.awaitRoom(chunk.bytesOfNextStride());
                if (isClosed()) {
                    return;
                }
                if (!lock(open, next)) {
                    pending.postponeTable();
                    closed.await(LOCK_RETRY_MS, TimeUnit.MILLISECONDS);
                    return;
                }
                readLocked(open, chunk);
            }
            if (chunk.isRead()) {
                pending.removeFirst();
                finish(chunk);
            }
        } catch (SQLException e) {
            throw MisfitException.misfitOr(e, next.relation().relation(), assignment.anchor());
        }
    }

    private void readLocked(SnapshotSession open, ChunkReader chunk) throws SQLException, InterruptedException {
        boolean released = false;
        try {
            chunk.read(open, ahead.room(), piece -> offer(chunk, piece));
            open.release();
            released = true;
        } catch (SQLException e) {
            if (SqlErrors.isUnconvertible(e)) {
                TextFault.handle(open, chunk, assignment.anchor(), settings.replaceInvalidText(), e);
            } else if (!ConditionFault.handle(open, chunk, e)) {
                throw e;
            }
            released = true;
        } finally {
            if (!released) {
                closeSession();
            }
            putRest(chunk);
        }
    }

    private boolean offer(ChunkReader chunk, Piece piece) throws InterruptedException {
        boolean taken = ahead.offer(piece, PATIENCE_MS);
        if (!taken && !isClosed()) {
            metrics.earlyEnd();
            LOG.info(
                    "Copy task {} ends a COPY early and releases its lock on {}: Connect has taken no rows for {} s (paused, or Kafka"
                            + " is slow). {} resumes when there is room",
                    assignment.number(),
                    chunk.planned().relation().relation(),
                    TimeUnit.MILLISECONDS.toSeconds(PATIENCE_MS),
                    chunk.chunk());
        }
        return taken;
    }

    private void putRest(ChunkReader chunk) throws InterruptedException {
        Piece rest = chunk.rest();
        if (rest != null) {
            ahead.put(rest);
            Failpoint.ROWS_READ.pass();
        }
    }

    private void finish(ChunkReader chunk) {
        begun.remove(chunk.chunk());
        chunk.acknowledgements().wholeChunkIsRead();
        ahead.wake();
    }

    private ChunkReader reader(PlannedChunk next) throws SQLException {
        ChunkReader reader = begun.get(next.id());
        if (reader == null) {
            PlannedTable table = next.relation().table();
            ChunkProgress committed = pending.committed(next.id());
            PlannedTypes known = Objects.requireNonNull(types);
            reader = new ChunkReader(
                    next,
                    committed == null
                            ? ChunkProgress.start(next.id(), assignment.anchor())
                            : committed.resumedAt(assignment.anchor()),
                    assignment.anchor(),
                    settings,
                    recordsOf(table, known),
                    known.columns(table),
                    assignment.plan().placeOfFirstRow(next),
                    next.id().sourcePartition(server),
                    limit,
                    recordsFactory.pack());
            begun.put(next.id(), reader);
            completion.begin(reader);
        }
        return reader;
    }

    private TableRecords recordsOf(PlannedTable table, PlannedTypes known) throws SQLException {
        TableRecords made = records.get(table.id());
        if (made == null) {
            made = recordsFactory.recordsOf(table.id(), known.columns(table));
            records.put(table.id(), made);
        }
        return made;
    }

    /**
     * A rewrite would lose rows silently (invariant I10), and a rename would read the rows of another table (invariant I16). So
     * filenode and OID are compared under a lock that forbids both.
     *
     * @return false if the lock was not granted in time: another session alters the table, and other tables have their turn
     */
    private boolean lock(SnapshotSession open, PlannedChunk next) throws SQLException, MisfitException {
        PlannedRelation relation = next.relation();
        LockedRelation now;
        try {
            now = open.lock(relation.relation(), relation.oid());
        } catch (SQLException e) {
            if (!SqlErrors.isLockNotAvailable(e)) {
                throw e;
            }
            open.release();
            metrics.lockWait();
            if (locked.add(relation.oid())) {
                LOG.warn(
                        "Copy task {} waits with {}: another session holds an ACCESS EXCLUSIVE lock on {} (ALTER TABLE, VACUUM FULL,"
                                + " LOCK). The other tables are copied meanwhile",
                        assignment.number(),
                        next.id(),
                        relation.relation());
            }
            return false;
        }
        if (locked.remove(relation.oid())) {
            LOG.info("Copy task {} continues with {}: the lock was granted", assignment.number(), relation.relation());
        }
        if (now.oid() != relation.oid()) {
            throw MisfitException.otherTable(relation, now, assignment.anchor());
        }
        if (now.filenode() != relation.filenode()) {
            throw MisfitException.rewritten(relation, now.filenode(), assignment.anchor());
        }
        return true;
    }

    private void waitForNewGeneration(SnapshotLostException e) throws InterruptedException {
        long now = System.nanoTime();
        if (snapshotMissedSince == 0) {
            snapshotMissedSince = now;
            LOG.warn(
                    "Copy task {} reads nothing at {}: {}. It waits for a newer anchor",
                    assignment.number(),
                    assignment.anchor(),
                    e.getMessage());
        } else if (now - snapshotMissedSince > WAIT_FOR_NEW_GENERATION.toNanos()) {
            throw new ConnectException(
                    "The snapshot of " + assignment.anchor() + " is lost (" + e.getMessage()
                            + ") and no newer anchor was"
                            + " opened within " + WAIT_FOR_NEW_GENERATION.toSeconds()
                            + " s. Is the connector itself running?"
                            + " Restart it with its tasks: POST /connectors/<name>/restart?includeTasks=true",
                    e);
        }
        closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
    }

    /** The session is given up; another one resumes after what was read. */
    private void recover(SQLException e) throws InterruptedException {
        closeSession();
        if (isClosed()) {
            return;
        }
        String what = pending.isEmpty() ? "its share" : pending.first().id().toString();
        String reason = SqlErrors.describe(e);
        if (SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT) {
            throw new ConnectException(
                    "Copy task " + assignment.number() + " cannot copy " + what + " at " + assignment.anchor() + ": "
                            + reason,
                    e);
        }
        LOG.warn(
                "Copy task {} lost its session while reading {}; it reconnects: {}", assignment.number(), what, reason);
        closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
    }

    private void reportMisfit(MisfitException e) {
        LOG.warn("Copy task {} stops reading at {}: {}", assignment.number(), assignment.anchor(), e.getMessage());
        closeSession();
        try {
            ahead.put(Piece.announcement(List.of(announcer.misfit(e))));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        finished = true;
    }

    private void closeSession() {
        SnapshotSession open = session;
        session = null;
        if (open != null) {
            open.close();
        }
    }

    /** Ends the reading at once, also in the middle of a COPY. */
    @Override
    public void close() {
        closed.countDown();
        closeSession();
        ahead.close();
    }
}
