package io.pgseam.snapshot;

import io.pgseam.control.ControlRecords;
import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.ShareState;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import io.pgseam.snapshot.SnapshotSession.LockedRelation;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.TaskRole;
import io.pgseam.task.TransactionBoundary;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy task: reads its share of the plan, chunk by chunk, inside the anchor's snapshot and nowhere else (invariant I8).
 *
 * <p>A chunk is done when Kafka has acknowledged all its rows; then a record on the control topic says so, and its source
 * offset is what calls the chunk done (invariant I5). The ledger is read once, at the start: what it calls done is skipped,
 * what is half read goes on where it stopped.
 */
public final class CopyTask implements TaskRole {

    private static final Logger LOG = LoggerFactory.getLogger(CopyTask.class);
    private static final Duration WAIT_FOR_NEW_GENERATION = Duration.ofMinutes(1);
    private static final long IDLE_MS = 200;
    private static final long RETRY_MS = 1_000;
    private static final Duration PATIENCE_WITH_CONNECT = Duration.ofSeconds(5);

    private final CopyAssignment assignment;
    private final PlanState planState;
    private final CopySettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final ControlRecords control;
    private final TransactionBoundary transactions;
    private final MessageLimit limit;
    private final Map<TableId, TableRecords> records = new HashMap<>();
    private final TableRecordsFactory recordsFactory;
    private final LongFunction<PgType> types;
    private final Function<TableId, String> topics;
    private final String server;

    private final Deque<PlannedChunk> pending = new ArrayDeque<>();
    private final Map<ChunkId, ChunkProgress> progress;
    /** Chunks whose rows are sent but not all acknowledged, and the one being read: by source partition. */
    private final Map<Map<String, ?>, ChunkReader> unacknowledged = new ConcurrentHashMap<>();

    private final List<ChunkReader> read = new ArrayList<>();
    private final Semaphore acknowledgement = new Semaphore(0);
    private final CopyProgressLog progressLog;
    private final IdleWatch idleWatch = new IdleWatch(PATIENCE_WITH_CONNECT, this::letGo);

    private @Nullable SnapshotSession session;
    private @Nullable ChunkReader current;
    private boolean locked;
    private long batchBytes;
    private @Nullable String misfit;
    private boolean finished;
    private long snapshotMissedSince;
    /** The id of our exported snapshot that the ledger was told last; a new session exports under a new one. */
    private @Nullable String announced;

    /**
     * @param server {@code topic.prefix}
     * @param planState the assignment as the next leader has to find it in the ledger
     * @param types the types of the plan's columns, by OID
     * @param topics the topic of a table
     */
    public CopyTask(
            String server,
            CopyAssignment assignment,
            PlanState planState,
            CopySettings settings,
            Sessions sessions,
            Ledger ledger,
            ControlRecords control,
            TransactionBoundary transactions,
            MessageLimit limit,
            LongFunction<PgType> types,
            TableRecordsFactory recordsFactory,
            Function<TableId, String> topics) {
        this.server = server;
        this.assignment = assignment;
        this.planState = planState;
        this.settings = settings;
        this.sessions = sessions;
        this.ledger = ledger;
        this.control = control;
        this.transactions = transactions;
        this.limit = limit;
        this.recordsFactory = recordsFactory;
        this.types = types;
        this.topics = topics;

        List<PlannedChunk> share = assignment.plan().share(assignment.task(), assignment.tasks());
        progress = ledger.chunks(share.stream().map(PlannedChunk::id).toList());
        for (PlannedChunk chunk : share) {
            ChunkProgress committed = progress.get(chunk.id());
            if (committed == null || !committed.done()) {
                pending.add(chunk);
            }
        }
        progressLog = new CopyProgressLog(assignment);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        idleWatch.begin();
        try {
            return nextBatch();
        } finally {
            idleWatch.end();
        }
    }

    private @Nullable List<SourceRecord> nextBatch() throws InterruptedException {
        acknowledgement.drainPermits();
        List<SourceRecord> batch = new ArrayList<>(settings.maxBatchRecords());
        batchBytes = 0;
        try {
            addManifests(batch);
            if (hasWork()) {
                SnapshotSession open = session();
                announce(batch, open);
                readRows(batch, open);
            }
        } catch (SnapshotLostException e) {
            waitForNewGeneration(e);
        } catch (MisfitException e) {
            batch.add(reportMisfit(e));
        } catch (SQLException e) {
            recover(e);
        }
        return finish(batch);
    }

    private boolean hasWork() {
        return misfit == null && (current != null || !pending.isEmpty());
    }

    /** Invariant I8: rows are read inside the anchor's snapshot, or not at all. */
    private SnapshotSession session() throws SQLException, SnapshotLostException {
        if (session == null) {
            Set<String> snapshots = new LinkedHashSet<>();
            snapshots.add(assignment.snapshot().id());
            for (ShareState share : ledger.newestShares()) {
                if (share.isOf(assignment.anchor())) {
                    snapshots.add(share.snapshot());
                }
            }
            session = SnapshotSession.open(
                    sessions,
                    "copy " + assignment.task(),
                    snapshots,
                    assignment.snapshot().view());
            Failpoint.SNAPSHOT_HELD.pass();
            snapshotMissedSince = 0;
        }
        return session;
    }

    private void waitForNewGeneration(SnapshotLostException e) {
        long now = System.nanoTime();
        if (snapshotMissedSince == 0) {
            snapshotMissedSince = now;
            LOG.warn(
                    "Task {} reads nothing at {}: {}. Waiting for a new generation",
                    assignment.task(),
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
    }

    /** First of all, the ledger learns that this generation's copy has begun, and where its snapshot can be had. */
    private void announce(List<SourceRecord> batch, SnapshotSession open) throws SQLException {
        if (open.exported().equals(announced)) {
            return;
        }
        boolean first = announced == null;
        Anchor anchor = assignment.anchor();
        List<SourceRecord> shapes = first && assignment.task() == 0
                ? new ShapeAnnouncement(server, ledger, control, types, sessions)
                        .records(anchor, assignment.plan(), topics)
                : List.of();
        announced = open.exported();
        ShareState state = new ShareState(anchor.generation(), anchor.lsn(), open.exported(), null);
        Map<String, Object> partition = ShareState.sourcePartition(server, assignment.task());
        Map<String, Object> offset = state.toSourceOffset();
        if (first && assignment.task() == 0) {
            batch.add(control.anchor(
                    anchor, assignment.tasks(), PlanState.sourcePartition(server), planState.toSourceOffset()));
            for (PlannedRelation relation : assignment.plan().relations()) {
                batch.add(control.table(
                        anchor,
                        relation.table().id(),
                        relation.relation(),
                        topics.apply(relation.table().id()),
                        relation.chunks(),
                        relation.bytes(),
                        partition,
                        offset));
            }
            batch.addAll(shapes);
        }
        batch.add(control.share(anchor, assignment.task(), open.exported(), partition, offset));
    }

    /** Adds the records that call chunks done whose rows Kafka has acknowledged. */
    private void addManifests(List<SourceRecord> batch) {
        for (Iterator<ChunkReader> chunks = read.iterator(); chunks.hasNext(); ) {
            ChunkReader chunk = chunks.next();
            if (chunk.acknowledgements().complete()) {
                chunks.remove();
                unacknowledged.remove(chunk.partition());
                batch.add(control.chunk(assignment.anchor(), chunk.chunk(), chunk.progress(true), chunk.partition()));
                Failpoint.CHUNK_ACKNOWLEDGED.pass();
            }
        }
    }

    private void readRows(List<SourceRecord> batch, SnapshotSession open) throws SQLException, MisfitException {
        while (batch.size() < settings.maxBatchRecords() && batchBytes < settings.maxBatchBytes() && hasWork()) {
            ChunkReader chunk = openChunk(open);
            if (chunk == null) {
                return;
            }
            int before = batch.size();
            ChunkReader.Progress result =
                    chunk.read(open, batch, settings.maxBatchRecords(), settings.maxBatchBytes() - batchBytes);
            batchBytes += chunk.batchBytes();
            progressLog.add(batch.size() - before, chunk.batchTextBytes());
            Failpoint.ROWS_READ.pass();
            if (result == ChunkReader.Progress.CHUNK_READ) {
                open.release();
                locked = false;
                current = null;
                pending.remove();
                read.add(chunk);
            }
        }
    }

    /** The chunk that is being read, or the next one, with its relation locked; null where the lock is not to be had now. */
    private @Nullable ChunkReader openChunk(SnapshotSession open) throws SQLException, MisfitException {
        PlannedChunk next = pending.element();
        if (!locked) {
            if (!lock(open, next)) {
                return null;
            }
            locked = true;
        }
        if (current == null) {
            PlannedTable table = next.relation().table();
            ChunkProgress committed = progress.get(next.id());
            current = new ChunkReader(
                    next,
                    committed == null
                            ? ChunkProgress.start(next.id(), assignment.anchor())
                            : committed.resumedAt(assignment.anchor()),
                    assignment.anchor(),
                    settings.blocksPerStride(next.id().blocksPerChunk()),
                    new CopyStatement(
                            table, next.relation().relation(), next.relation().oid()),
                    new CopyRowParser(table.columns().size()),
                    recordsOf(table),
                    assignment.plan().placeOfFirstRow(next),
                    next.id().sourcePartition(server),
                    limit,
                    table.columns(types));
            unacknowledged.put(current.partition(), current);
        }
        return current;
    }

    /**
     * A rewrite would lose rows silently (invariant I10), and a rename would read the rows of another table (invariant I16). So
     * filenode and OID are compared under a lock that forbids both.
     */
    private boolean lock(SnapshotSession open, PlannedChunk next) throws SQLException, MisfitException {
        PlannedRelation relation = next.relation();
        LockedRelation now;
        try {
            now = open.lock(relation.relation(), relation.oid(), settings.lockTimeoutMs());
        } catch (SQLException e) {
            if (!SqlErrors.isLockNotAvailable(e)) {
                throw ChunkReader.misfitOr(e, relation.relation(), assignment.anchor());
            }
            open.release();
            postpone(next);
            return false;
        }
        if (now.oid() != relation.oid()) {
            throw MisfitException.otherTable(relation, now, assignment.anchor());
        }
        if (now.filenode() != relation.filenode()) {
            throw MisfitException.rewritten(relation, now, assignment.anchor());
        }
        return true;
    }

    /** Somebody alters the table: others have their turn first. */
    private void postpone(PlannedChunk chunk) {
        LOG.warn(
                "Task {} waits with {}: somebody holds an ACCESS EXCLUSIVE lock on {} (ALTER TABLE, VACUUM FULL, LOCK)",
                assignment.task(),
                chunk.id(),
                chunk.relation().relation());
        if (current == null) {
            pending.addLast(pending.removeFirst());
        }
    }

    private TableRecords recordsOf(PlannedTable table) throws SQLException {
        TableRecords made = records.get(table.id());
        if (made == null) {
            made = recordsFactory.recordsOf(table.id(), table.columns(types));
            records.put(table.id(), made);
        }
        return made;
    }

    /** The session is given up; the next poll opens another one and goes on after what was sent. */
    private void recover(SQLException e) throws InterruptedException {
        String what = pending.isEmpty() ? "its share" : pending.element().id().toString();
        String reason = SqlErrors.describe(e);
        if (SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT) {
            throw new ConnectException(
                    "Task " + assignment.task() + " cannot copy " + what + " at " + assignment.anchor() + ": " + reason,
                    e);
        }
        LOG.warn("Task {} could not go on with {}, tries again: {}", assignment.task(), what, reason);
        closeSession();
        acknowledgement.tryAcquire(RETRY_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Connect does not ask for more: the connector is paused, or Kafka takes nothing. However long that lasts, nobody has to wait
     * for the lock on the table that is being read (invariant I12); the snapshot stays.
     */
    private void letGo() {
        SnapshotSession open = session;
        if (!locked || open == null) {
            return;
        }
        String what = pending.element().id().toString();
        try {
            if (current != null) {
                current.endCopy();
            }
            open.release();
            locked = false;
            LOG.info(
                    "Task {} has let go of {} in the midst of it: nobody has asked for its rows for {} s, as where the connector is"
                            + " paused",
                    assignment.task(),
                    what,
                    PATIENCE_WITH_CONNECT.toSeconds());
        } catch (SQLException e) {
            LOG.warn(
                    "Task {} gives its session up, with {} in the midst: {}",
                    assignment.task(),
                    what,
                    SqlErrors.describe(e));
            closeSession();
        }
    }

    private void closeSession() {
        if (session != null) {
            session.close();
            session = null;
        }
        locked = false;
    }

    private SourceRecord reportMisfit(MisfitException e) {
        String reason = String.valueOf(e.getMessage());
        misfit = reason;
        LOG.warn("Task {} stops reading at {}: {}", assignment.task(), assignment.anchor(), reason);
        String exported = session == null ? assignment.snapshot().id() : session.exported();
        ShareState state = new ShareState(
                assignment.anchor().generation(), assignment.anchor().lsn(), exported, reason);
        closeSession();
        return control.misfit(
                assignment.anchor(),
                e.relation(),
                reason,
                ShareState.sourcePartition(server, assignment.task()),
                state.toSourceOffset());
    }

    private @Nullable List<SourceRecord> finish(List<SourceRecord> batch) throws InterruptedException {
        progressLog.logNowAndThen();
        transactions.add(batch.size(), batchBytes);
        if (!batch.isEmpty()) {
            if (!hasWork() || transactions.isLarge()) {
                transactions.commit();
            }
            return batch;
        }
        if (transactions.isOpen()) {
            transactions.commit();
            return null;
        }
        if (!finished && misfit == null && !hasWork() && read.isEmpty()) {
            // The session stays until the task is stopped: another leader may need its snapshot for the other tasks.
            finished = true;
            LOG.info("Task {} has copied its share at {}", assignment.task(), assignment.anchor());
        }
        acknowledgement.tryAcquire(IDLE_MS, TimeUnit.MILLISECONDS);
        return null;
    }

    @Override
    public void acknowledged(SourceRecord record, @Nullable RecordMetadata position) {
        ChunkReader chunk = unacknowledged.get(record.sourcePartition());
        if (chunk == null) {
            return;
        }
        if (position == null || limit.isStandIn(record)) {
            chunk.acknowledgements().acknowledgeDropped();
        } else {
            chunk.acknowledgements().acknowledge(position.topic(), position.partition(), position.offset());
        }
        if (chunk.acknowledgements().complete()) {
            acknowledgement.release();
        }
    }

    @Override
    public void committed() {
        // Nothing waits for commits: the leader reads the ledger itself.
    }

    @Override
    public void close() {
        idleWatch.close();
        closeSession();
    }
}
