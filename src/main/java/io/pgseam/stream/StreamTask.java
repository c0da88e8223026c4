package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.StreamEnd;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.stream.StreamAssignment.Goal;
import io.pgseam.task.DroppedRecords;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.TaskRole;
import io.pgseam.task.TransactionBoundary;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream task: goes on with changes where the copied rows end.
 *
 * <p>Before the first change it looks for itself whether the ledger calls every chunk of the anchor done, and waits where it
 * does not (invariant I2). Then it writes the seam, and with it the position from which the stream counts.
 */
public final class StreamTask implements TaskRole {

    private static final Logger LOG = LoggerFactory.getLogger(StreamTask.class);
    private static final long WAIT_MS = 100;

    /** A batch is a Kafka transaction: small ones are dear, and Connect holds the records of one in memory. */
    private static final long MOST_BATCH_BYTES = 8 << 20;

    private final String server;
    private final StreamAssignment assignment;
    private final PlanState planState;
    private final StreamSettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final ControlRecords control;
    private final TransactionBoundary transactions;
    private final MessageLimit limit;
    private final SourceCatalog catalog;
    private final TableRecordsFactory recordsFactory;
    private final Function<TableId, String> topics;
    private final Map<String, Object> partition;
    private final StreamReadiness readiness;
    private final ChangeQueue queue;
    private final ShapeOffsets shapeOffsets = new ShapeOffsets();

    private final SourceCatalog monitorCatalog;
    private final PartitionWatch partitionWatch;
    private final PublicationWatch publicationWatch;
    private final DroppedTables droppedTables;
    private final DroppedRecords droppedRecords = new DroppedRecords(Clock.systemUTC());
    private final SetAsideWatch setAsideWatch;
    private final CompositeForms compositeForms;

    private volatile @Nullable CatalogMonitor monitor;
    private volatile @Nullable SlotReader reader;
    private @Nullable LookupReader lookups;
    private boolean started;
    private boolean planTold;

    /** Whether the stream has come to the end that it was given. */
    private volatile boolean resting;

    /**
     * @param server {@code topic.prefix}
     * @param planState the assignment as the next leader has to find it in the ledger
     * @param topics the topic of a table
     */
    public StreamTask(
            String server,
            StreamAssignment assignment,
            PlanState planState,
            StreamSettings settings,
            Sessions sessions,
            Ledger ledger,
            ControlRecords control,
            TransactionBoundary transactions,
            MessageLimit limit,
            SourceCatalog catalog,
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
        this.catalog = catalog;
        this.recordsFactory = recordsFactory;
        this.topics = topics;
        this.partition = StreamPosition.sourcePartition(server);
        this.readiness = new StreamReadiness(assignment, ledger, catalog, topics);
        this.queue = new ChangeQueue(settings.maxQueueBytes(), settings.maxBatchRecords(), MOST_BATCH_BYTES);
        this.monitorCatalog = catalog.another();
        this.partitionWatch = new PartitionWatch(
                monitorCatalog,
                ledger,
                control,
                server,
                assignment.plan().chunks() == 0
                        ? Set.of()
                        : assignment.plan().relations().stream()
                                .map(PlannedRelation::oid)
                                .collect(Collectors.toSet()));
        long lookNanos = TimeUnit.MILLISECONDS.toNanos(settings.catalogLookMs());
        this.setAsideWatch = new SetAsideWatch(monitorCatalog::setAside, ledger, control, server, lookNanos);
        this.compositeForms = new CompositeForms(catalog, ledger::composite, control, server, lookNanos);
        this.publicationWatch =
                new PublicationWatch(monitorCatalog, settings.publication(), assignment.plan(), lookNanos);
        this.droppedTables = new DroppedTables(
                monitorCatalog, ledger, control, server, topics, shapeOffsets, assignment.plan(), lookNanos);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        if (!started) {
            return begin();
        }
        boolean streams = assignment.goal() == Goal.STREAM || assignment.goal() == Goal.BESIDE_COPY;
        if (streams && !resting) {
            queue.remark(lookAround());
        }
        ChangeQueue.Batch batch = queue.take(WAIT_MS);
        if (batch.records().isEmpty()) {
            return null;
        }
        Failpoint.CHANGES_TAKEN.pass();
        return transaction(batch.records());
    }

    /** Invariant I15: a batch is a transaction. */
    private List<SourceRecord> transaction(List<SourceRecord> batch) {
        transactions.add(batch.size(), 0);
        transactions.commit();
        return batch;
    }

    /** What the catalogue tells from time to time, and no change does. */
    private List<SourceRecord> lookAround() {
        if (monitor == null) {
            monitor = CatalogMonitor.start(
                    settings.slot(),
                    () -> !resting,
                    List.of(
                            publicationWatch::look,
                            partitionWatch::look,
                            setAsideWatch::look,
                            this::lookForDroppedTables,
                            () -> compositeForms.look(monitorCatalog)));
        }
        return monitor.found();
    }

    private List<SourceRecord> lookForDroppedTables() {
        List<SourceRecord> dropped = droppedTables.look();
        SlotReader slotReader = reader;
        if (slotReader != null && assignment.goal() == Goal.STREAM) {
            slotReader.await(droppedTables.awaited());
        }
        return dropped;
    }

    private @Nullable List<SourceRecord> begin() throws InterruptedException {
        StreamPosition position = ledger.stream();
        List<SourceRecord> first = new ArrayList<>();
        if (assignment.goal() == Goal.CATCH_UP) {
            if (readiness.copyTasksAreAtWork()) {
                Thread.sleep(WAIT_MS);
                return null;
            }
            if (!planState.equals(ledger.plan())) {
                return tellPlan();
            }
            started = true;
            catchUp(position == null ? StreamPosition.before(Lsn.NONE, 0, 0) : position);
            return null;
        }
        if (assignment.goal() == Goal.STREAM && isFirstPlanWithoutCopy()) {
            return tellPlan();
        }
        if (assignment.goal() == Goal.BESIDE_COPY) {
            if (position == null || !readiness.goesOnBesideCopy(position)) {
                Thread.sleep(WAIT_MS);
                return null;
            }
            started = true;
            stream(position);
            return null;
        }
        if (position == null || position.seam() < assignment.anchor().generation()) {
            Collection<ChunkProgress> copied = readiness.copied();
            if (copied == null) {
                Thread.sleep(WAIT_MS);
                return null;
            }
            Failpoint.COPY_COMPLETE.pass();
            position = readiness.atSeam(position);
            tellSeam(position, copied, first);
        }
        if (assignment.goal() == Goal.STREAM) {
            stream(position);
        }
        started = true;
        return first.isEmpty() ? null : transaction(first);
    }

    private void stream(StreamPosition position) {
        StreamEnd end = settings.end();
        if (end != null && end.isReachedBy(position)) {
            resting = true;
            LOG.info("Streamed up to {} already (stream.end.lsn): nothing to do", end.lsn());
            return;
        }
        if (end != null && end.isPassedBy(position)) {
            // The leader sees the same, but a stored task may be started before it.
            throw new ConnectException(end.passed(position));
        }
        startReader(position);
    }

    /** Nothing is copied, so that no copy task has told what is covered from here on. */
    private boolean isFirstPlanWithoutCopy() {
        CopyPlan plan = assignment.plan();
        return plan.chunks() == 0 && !plan.relations().isEmpty() && ledger.plan() == null;
    }

    /**
     * What the ledger says is covered has to be what is streamed: a table that is left out from here on misses changes, and
     * nobody may take it for copied later on. So no change is streamed under a plan that is not committed.
     */
    private @Nullable List<SourceRecord> tellPlan() throws InterruptedException {
        if (planTold) {
            Thread.sleep(WAIT_MS);
            return null;
        }
        CopyPlan plan = assignment.plan();
        List<SourceRecord> records = new ArrayList<>();
        try {
            PlanState earlier = ledger.plan();
            if (earlier != null) {
                CopyPlan before = CopyPlanCodec.decode(earlier.plan());
                records.addAll(droppedTables.leftOut(before));
                records.addAll(new PlanChanges(server, catalog, control, topics, assignment.anchor(), plan)
                        .since(before, earlier.anchor()));
            }
        } catch (SQLException e) {
            readiness.logWaiting("Not catching up yet, the source does not answer: {}", SqlErrors.describe(e));
            Thread.sleep(WAIT_MS);
            return null;
        }
        planTold = true;
        records.add(control.plan(
                assignment.anchor(),
                plan.relations().size(),
                plan.chunks(),
                PlanState.sourcePartition(server),
                planState.toSourceOffset()));
        return transaction(records);
    }

    private void catchUp(StreamPosition position) {
        Failpoint.CATCH_UP_BEGUN.pass();
        if (position.hasReached(assignment.anchor())) {
            return;
        }
        if (position.isPast(assignment.anchor())) {
            // To go back would have the ledger say less than the slot has confirmed. The leader sees the same position.
            LOG.warn("The stream is past {} already, at {}: waiting for a newer one", assignment.anchor(), position);
            return;
        }
        startReader(position);
    }

    private void tellSeam(StreamPosition position, Collection<ChunkProgress> copied, List<SourceRecord> records) {
        Anchor anchor = assignment.anchor();
        OffsetRanges.Snapshot ranges = copied.stream()
                .map(ChunkProgress::ranges)
                .reduce(OffsetRanges.Snapshot.EMPTY, OffsetRanges.Snapshot::union);
        long rows = copied.stream().mapToLong(ChunkProgress::rows).sum();
        List<String> copiedTopics = assignment.plan().tables().stream()
                .map(table -> topics.apply(table.id()))
                .distinct()
                .sorted()
                .toList();
        records.add(control.seam(
                anchor, settings.slot(), rows, copiedTopics, ranges, partition, position.toSourceOffset()));
        LOG.info("The seam: {} rows are copied at {}; from here on only changes follow", rows, anchor);
        if (position.ended()) {
            records.add(control.end(anchor.generation(), anchor.lsn(), partition, position.toSourceOffset()));
            LOG.info("Nothing is streamed after the seam (snapshot.mode=initial_only): the connector's work is over");
        }
    }

    /** While some topics lag behind, the plan has to say which: to guess would repeat changes, or leave some out. */
    private StreamCursor cursor(StreamPosition position) {
        boolean besideCopy = assignment.goal() == Goal.BESIDE_COPY;
        Set<String> liveTopics = assignment.plan().goingOn(position.caughtUp());
        if (position.isSplit() && liveTopics.isEmpty()) {
            throw new ConnectException(
                    "Slot \"" + settings.slot() + "\": the committed offset has two positions (" + position
                            + ") from the copy at anchor " + position.caughtUp()
                            + ", but the plan of " + assignment.anchor()
                            + " does not list the topics that kept streaming. Restart the connector and its tasks."
                            + " If it fails again, start over: stop the connector and DELETE /connectors/<name>/offsets");
        }
        return new StreamCursor(position, liveTopics, besideCopy);
    }

    private void startReader(StreamPosition position) {
        StreamCursor cursor = cursor(position);
        LookupReader lookupReader = new TableLookups(
                sessions, assignment.snapshot().id(), assignment.snapshot().view(), settings.maxQueueBytes());
        lookups = lookupReader;
        SlotReader.RouterFactory router = sink -> {
            CapturedRelations relations = new CapturedRelations(
                    catalog,
                    xid -> lookupReader.awaitVisible(xid, sink),
                    compositeForms,
                    recordsFactory,
                    ledger::shapes);
            ShapeLog shapes = new ShapeLog(
                    relations,
                    shapeOffsets,
                    control,
                    topics,
                    oid -> ShapeHistory.sourcePartition(server, oid),
                    droppedTables::met,
                    position);
            return new ChangeRouter(settings, relations, shapes, control, limit, partition, cursor, sink);
        };
        SlotReader slotReader = new SlotReader(
                sessions,
                settings,
                ledger,
                queue,
                position,
                assignment.goal() == Goal.BESIDE_COPY,
                router,
                lookupReader,
                assignment.goal() == Goal.CATCH_UP
                        ? new ReadingEnd(
                                assignment.anchor().lsn(),
                                true,
                                assignment.plan().beginsAnew(position.caughtUp()),
                                this::caughtUp)
                        : readingEnd());
        reader = slotReader;
        slotReader.start();
    }

    private @Nullable ReadingEnd readingEnd() {
        StreamEnd end = settings.end();
        return end == null ? null : new ReadingEnd(end.lsn(), false, false, () -> rest(end));
    }

    /** In the reader's thread: everything committed before the end is queued. */
    private void rest(StreamEnd end) throws SQLException {
        SlotReader slotReader = Objects.requireNonNull(reader);
        StreamPosition before = slotReader.router().position();
        if (assignment.goal() == Goal.BESIDE_COPY) {
            LOG.info("Streamed up to {} (stream.end.lsn) in the topics that no row is copied to", end.lsn());
            return;
        }
        List<TableId> republished = publicationWatch.changed(catalog);
        if (!republished.isEmpty()) {
            throw new ConnectException("The stream has reached " + end.lsn() + " (stream.end.lsn), but publication \""
                    + settings.publication()
                    + "\" was dropped or changed, and changes of tables before that LSN may be missing: "
                    + PublicationWatch.names(republished)
                    + ". Raise or remove stream.end.lsn: then the tables are copied again");
        }
        LOG.info("Streamed up to {} (stream.end.lsn); the last change is at {}", end.lsn(), before);
        resting = true;
        slotReader.accept(
                control.end(
                        before.seam(), end.lsn(), partition, before.atEnd(end).toSourceOffset()),
                0);
        slotReader.endTransaction();
    }

    /** In the reader's thread: everything committed before the anchor is queued. */
    private void caughtUp() throws SQLException {
        SlotReader slotReader = Objects.requireNonNull(reader);
        Failpoint.CAUGHT_UP.pass();
        Anchor anchor = assignment.anchor();
        StreamPosition before = slotReader.router().position();
        StreamPosition reached = StreamPosition.before(anchor.lsn(), anchor.generation(), before.seam())
                .onTimeline(before.timeline());
        LOG.info("Caught up with {}", anchor);
        slotReader.accept(control.catchUp(anchor, partition, reached.toSourceOffset()), 0);
        slotReader.endTransaction();
    }

    @Override
    public void acknowledged(SourceRecord record, @Nullable RecordMetadata position) {
        // What is durable is read from the ledger, not inferred from acknowledgements (invariant I3).
        if (position != null) {
            shapeOffsets.acknowledged(record, position);
        } else {
            droppedRecords.count("Topic " + record.topic());
        }
    }

    @Override
    public void committed() {
        SlotReader slotReader = reader;
        if (slotReader != null) {
            slotReader.committed();
        }
    }

    @Override
    public void close() {
        if (monitor != null) {
            monitor.stop();
        }
        SlotReader slotReader = reader;
        if (slotReader != null) {
            slotReader.close();
        }
        sessions.close();
        if (monitor != null) {
            monitor.close();
        }
        if (lookups != null) {
            lookups.close();
        }
    }
}
