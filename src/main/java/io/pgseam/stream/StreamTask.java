package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.WalClock;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.StreamEnd;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.TopicGroup;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.snapshot.CopyTally;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.TableDoneRecords;
import io.pgseam.stream.StreamAssignment.Goal;
import io.pgseam.task.DroppedRecords;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.TaskRole;
import io.pgseam.task.TransactionBoundary;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
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
 * The stream task: continues with changes after the copied rows.
 *
 * <p>Before the first change it looks for itself whether the ledger calls every chunk of the anchor done, and waits where it
 * does not (invariant I2). Then it writes the seam, and with it the position from which the stream counts.
 */
public final class StreamTask implements TaskRole {

    private static final Logger LOG = LoggerFactory.getLogger(StreamTask.class);
    private static final long WAIT_MS = 500;

    /** Connect waits 5 s for a task that it stops. */
    private static final long STOP_MS = 2_000;

    /** A batch is a Kafka transaction: small ones are dear, and Connect holds the records of one in memory. */
    private static final long MOST_BATCH_BYTES = 8 << 20;

    private final String server;
    private final StreamAssignment assignment;
    private final StreamSettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final ControlRecords control;
    private final TransactionBoundary transactions;
    private final MessageLimit limit;
    private final SourceCatalog catalog;
    private final TableRecordsFactory recordsFactory;
    private final Function<TableId, String> topics;
    private final StreamMetrics metrics;
    private final Map<String, Object> partition;
    private final ChangeQueue queue;
    private final ShapeOffsets shapeOffsets = new ShapeOffsets();

    private final SourceCatalog monitorCatalog;
    private final PublicationWatch publicationWatch;
    private final PartitionWatch partitionWatch;
    private final DroppedTables droppedTables;
    private final DroppedRecords droppedRecords = new DroppedRecords(Clock.systemUTC());
    private final SetAsideWatch setAsideWatch;
    private final CompositeForms compositeForms;

    private final StreamStart start;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    private volatile @Nullable CatalogMonitor monitor;
    private volatile @Nullable SlotReader reader;
    private volatile @Nullable SlotConfirmer confirmer;
    private volatile @Nullable LookupReader lookups;
    private boolean started;

    /** Whether the stream has come to the end that it was given. */
    private volatile boolean resting;

    /**
     * @param server {@code topic.prefix}
     * @param planState the assignment as the next leader has to find it in the ledger
     * @param topics the topic of a table
     * @param metrics where the task says how it gets on
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
            Function<TableId, String> topics,
            StreamMetrics metrics) {
        this.server = server;
        this.metrics = metrics;
        this.assignment = assignment;
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
        this.queue = new ChangeQueue(settings.maxQueueBytes(), settings.maxBatchRecords(), MOST_BATCH_BYTES);
        metrics.queue(queue, settings.maxQueueBytes());
        metrics.dropped(droppedRecords);
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
        this.start = new StreamStart(
                server,
                assignment,
                planState,
                settings.slot(),
                settings.limits().begin(),
                new SlotContinuer(sessions, settings.slot(), settings.limits().continuation(), control, server),
                new StreamReadiness(assignment, ledger, catalog, topics),
                ledger,
                control,
                droppedTables,
                new PlanChanges(server, catalog, control, topics, assignment.anchor(), assignment.plan()),
                topics,
                queue,
                stopped);
        this.thread = new Thread(this::run, "pgseam-stream " + settings.slot());
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((failed, cause) -> queue.fail(
                new ConnectException("The stream of slot \"" + settings.slot() + "\" failed: " + cause, cause)));
    }

    /** Waits for nothing but records: whatever else has to be waited for, the stream's own thread waits for. */
    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        if (!started) {
            started = true;
            thread.start();
        }
        lookAround();
        List<SourceRecord> batch = queue.take(WAIT_MS).records();
        if (batch.isEmpty()) {
            return null;
        }
        Failpoint.CHANGES_TAKEN.pass();
        // Invariant I15: a batch is a transaction.
        transactions.commit();
        return batch;
    }

    /** What the catalogue tells from time to time, and no change does. */
    private void lookAround() {
        if (resting || assignment.goal() == Goal.CATCH_UP || assignment.goal() == Goal.END) {
            return;
        }
        CatalogMonitor looks = monitor;
        if (looks != null) {
            queue.remark(looks.found());
        } else if (reader != null) {
            monitor = CatalogMonitor.start(
                    settings.slot(),
                    () -> !resting,
                    List.of(
                            new WalSampler(monitorCatalog, metrics, this::noticePromotion)::look,
                            publicationWatch::look,
                            partitionWatch::look,
                            setAsideWatch::look,
                            this::lookForDroppedTables,
                            chunkCleanup()::look,
                            () -> compositeForms.look(monitorCatalog)));
        }
    }

    private ChunkCleanup chunkCleanup() {
        CopyRecords copyRecords = new CopyRecords(control);
        return new ChunkCleanup(
                server,
                assignment.plan(),
                ledger,
                () -> assignment.goal() == Goal.STREAM && isSeamCommitted(),
                CopyTally.ofTables(assignment.plan(), assignment.anchor(), table -> true),
                new TableDoneRecords(server, copyRecords, topics),
                copyRecords,
                System::nanoTime);
    }

    private boolean isSeamCommitted() {
        StreamPosition committed = ledger.stream();
        return committed != null && committed.seam() >= assignment.anchor().generation();
    }

    private void noticePromotion(WalClock now) {
        SlotReader slotReader = reader;
        if (slotReader != null) {
            slotReader.onStandby(now.standby());
        }
    }

    private List<SourceRecord> lookForDroppedTables() throws SQLException {
        List<SourceRecord> dropped = droppedTables.look();
        SlotReader slotReader = reader;
        if (slotReader != null && assignment.goal() == Goal.STREAM) {
            slotReader.await(droppedTables.awaited());
        }
        return dropped;
    }

    private void run() {
        try {
            StreamPosition position = start.await();
            if (position != null) {
                stream(position);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoppedException e) {
            LOG.debug("The stream of slot \"{}\" was stopped", settings.slot());
        } catch (RuntimeException e) {
            if (stopped.getCount() > 0) {
                queue.fail(
                        e instanceof ConnectException
                                ? e
                                : new ConnectException("Cannot stream from slot \"" + settings.slot() + "\": " + e, e));
            }
        }
    }

    private void stream(StreamPosition position) throws InterruptedException {
        StreamEnd end = settings.limits().end();
        if (end != null && end.isReachedBy(position)) {
            resting = true;
            LOG.info("Streamed up to {} already (stream.end.lsn): nothing to do", end.lsn());
            return;
        }
        if (end != null && end.isPassedBy(position)) {
            // The leader sees the same, but a stored task may be started before it.
            throw new ConnectException(end.passed(position));
        }
        read(position);
    }

    /** While some topics lag behind, the plan has to say which: to guess would repeat changes, or leave some out. */
    private StreamCursor cursor(StreamPosition position, boolean catchesUp) {
        boolean liveOnly = catchesUp || assignment.goal() == Goal.BESIDE_COPY;
        Set<String> liveTopics = assignment.plan().goingOn(position.caughtUp());
        if (position.isSplit() && liveTopics.isEmpty()) {
            throw new ConnectException(
                    "Slot \"" + settings.slot() + "\": the committed offset has two positions (" + position
                            + ") from the copy at anchor " + position.caughtUp()
                            + ", but the plan of " + assignment.anchor()
                            + " does not list the topics that kept streaming. Restart the connector and its tasks."
                            + " If it fails again, start over: stop the connector and DELETE /connectors/<name>/offsets");
        }
        return new StreamCursor(position, liveTopics, liveOnly);
    }

    private void read(StreamPosition position) throws InterruptedException {
        boolean catchesUp = catchesUpBeside(position);
        StreamPipeline pipeline = new StreamPipeline(
                server,
                assignment,
                settings,
                position,
                cursor(position, catchesUp),
                mostConfirmed(),
                sessions,
                ledger,
                control,
                limit,
                catalog,
                recordsFactory,
                compositeForms,
                shapeOffsets,
                topics,
                droppedTables::met,
                new MissedTables(server, newestCopy(), assignment.plan(), ledger::missed, control),
                signals(),
                queue,
                metrics,
                stopped);
        lookups = pipeline.lookups();
        confirmer = pipeline.confirmer();
        ReadingEnd end = readingEnd(position, pipeline.router(), pipeline.sink());
        try (SignalTopic topic = signalTopic(position, end)) {
            read(pipeline.reader(end, topic, catchesUp));
        }
    }

    /** While the stream comes to its end, no signal could be met. */
    private @Nullable SignalTopic signalTopic(StreamPosition position, @Nullable ReadingEnd end) {
        SignalTopicSettings topic = settings.signals().topic();
        return topic == null || end != null
                ? null
                : SignalTopic.open(topic, position.requests().read());
    }

    private void read(SlotReader slotReader) throws InterruptedException {
        reader = slotReader;
        if (assignment.goal() == Goal.BESIDE_COPY) {
            // Rows are copied only when the others have reached the anchor, and it may be that no change tells.
            slotReader.await(assignment.anchor().lsn());
        }
        slotReader.read();
    }

    private Signals signals() {
        String ending = settings.limits().end() == null
                ? null
                : "the stream is to end (stream.end.lsn), and a copy would show later rows";
        String notCopying = settings.copies() ? ending : "nothing is copied with snapshot.mode=no_data";
        return new Signals(assignment.plan(), newestCopy(), notCopying, catalog);
    }

    /** The newest anchor whose copy lacks changes that are passed over now: what is copied at the anchor ahead has them. */
    private int newestCopy() {
        return assignment.anchor().generation() - (assignment.goal() == Goal.CATCH_UP ? 1 : 0);
    }

    /**
     * Whether lagging topics catch up while the live ones keep streaming. Not if the stream is to end somewhere: all topics have to come to
     * that place, and nothing follows.
     */
    private boolean catchesUpBeside(StreamPosition position) {
        return assignment.goal() == Goal.STREAM
                && position.isSplit()
                && !position.lsn()
                        .isBefore(position.place(TopicGroup.LAGGING).last().commitLsn())
                && assignment.passedOver().isEmpty()
                && settings.limits().end() == null;
    }

    /** What must not be confirmed though it is committed: what is passed over stays in the slot for topics that lag, or will. */
    private @Nullable Lsn mostConfirmed() {
        if (assignment.goal() == Goal.BESIDE_COPY) {
            return assignment.anchor().lsn();
        }
        // What a catch-up passes over is copied at the anchor that it leads to. Anything else may be copied at an
        // anchor that is opened while this
        // task is at work, or was before Connect started it again.
        return assignment.passedOver().isEmpty() || assignment.goal() == Goal.CATCH_UP ? null : Lsn.NONE;
    }

    private @Nullable ReadingEnd readingEnd(StreamPosition position, ChangeRouter router, RecordSink sink) {
        if (assignment.goal() == Goal.CATCH_UP) {
            return new ReadingEnd(
                    assignment.anchor().lsn(),
                    true,
                    assignment.plan().beginsAnew(position.caughtUp()),
                    () -> caughtUp(router, sink));
        }
        StreamEnd end = settings.limits().end();
        return end == null ? null : new ReadingEnd(end.lsn(), false, false, () -> rest(end, router, sink));
    }

    /** Everything committed before the end is queued. */
    private void rest(StreamEnd end, ChangeRouter router, RecordSink sink) throws SQLException {
        StreamPosition before = router.position();
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
        sink.accept(
                control.end(
                        before.seam(), end.lsn(), partition, before.atEnd(end).toSourceOffset()),
                0);
        sink.endTransaction();
    }

    /** Everything committed before the anchor is queued. */
    private void caughtUp(ChangeRouter router, RecordSink sink) throws SQLException {
        Failpoint.CAUGHT_UP.pass();
        Anchor anchor = assignment.anchor();
        StreamPosition before = router.position();
        StreamPosition reached = StreamPosition.before(anchor.lsn(), anchor.generation(), before.seam())
                .onTimeline(before.timeline())
                .requesting(before.requests().begunAt(anchor, assignment.plan()::beginsToMeet));
        LOG.info("Caught up with {}", anchor);
        sink.accept(new CopyRecords(control).catchUp(anchor, partition, reached.toSourceOffset()), 0);
        sink.endTransaction();
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
        shapeOffsets.committed();
        SlotConfirmer slotConfirmer = confirmer;
        if (slotConfirmer != null) {
            slotConfirmer.committed();
        }
    }

    /**
     * Stops the thread, without waiting for what the server still sends, or for a lock that a question to it waits for. Does not interrupt it:
     * Connect's reader of offsets logs an interrupt as an error, with a stack trace.
     */
    @Override
    public void close() {
        CatalogMonitor looks = monitor;
        if (looks != null) {
            looks.stop();
        }
        stopped.countDown();
        sessions.close();
        queue.close();
        try {
            thread.join(STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (looks != null) {
            looks.close();
        }
        LookupReader lookupReader = lookups;
        if (lookupReader != null) {
            lookupReader.close();
        }
    }
}
