package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.RowPack;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.task.MessageLimit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parts that make records of what the slot has, put together from the end of the road to its beginning. */
final class StreamPipeline {

    /** So many bytes of packed rows are enough for messages to be full. */
    private static final long MOST_PACK_BYTES = 4 << 20;

    private final Sessions sessions;
    private final StreamSettings settings;
    private final StreamAssignment assignment;
    private final Ledger ledger;
    private final ControlRecords control;
    private final MessageLimit limit;
    private final Map<String, Object> partition;
    private final ChangeQueue queue;
    private final StreamMetrics metrics;
    private final CountDownLatch stopped;

    private final StreamCursor cursor;
    private final SlotConfirmer confirmer;
    private final QueueSink queueSink;
    private final RecordSink sink;
    private final LookupReader lookups;
    private final CapturedRelations relations;
    private final ShapeLog shapes;
    private final Signals decides;
    private final SignalRouter signals;
    private final ChangeRouter router;
    private final CompletionWindow window;

    /**
     * @param server {@code topic.prefix}
     * @param position where the stream begins
     * @param cursor at that position
     * @param mostConfirmed nothing beyond it is confirmed; null for no such limit
     * @param topics the topic of a table
     * @param met takes OID and name of each captured table that the stream comes to
     * @param missed the tables whose changes are passed over
     * @param signals decides what becomes of signals
     * @param stopped is down once the task is to stop
     */
    StreamPipeline(
            String server,
            StreamAssignment assignment,
            StreamSettings settings,
            StreamPosition position,
            StreamCursor cursor,
            @Nullable Lsn mostConfirmed,
            Sessions sessions,
            Ledger ledger,
            ControlRecords control,
            MessageLimit limit,
            SourceCatalog catalog,
            TableRecordsFactory recordsFactory,
            CompositeForms compositeForms,
            ShapeOffsets shapeOffsets,
            Function<TableId, String> topics,
            BiConsumer<Long, TableId> met,
            MissedTables missed,
            Signals signals,
            ChangeQueue queue,
            StreamMetrics metrics,
            CountDownLatch stopped) {
        this.sessions = sessions;
        this.settings = settings;
        this.assignment = assignment;
        this.ledger = ledger;
        this.control = control;
        this.limit = limit;
        this.partition = StreamPosition.sourcePartition(server);
        this.queue = queue;
        this.metrics = metrics;
        this.stopped = stopped;
        this.cursor = cursor;
        this.confirmer = new SlotConfirmer(ledger, position, cursor.isForLive(), mostConfirmed, metrics, stopped);
        this.queueSink = new QueueSink(queue, confirmer, System::nanoTime, metrics);
        this.sink = packing(recordsFactory.pack());
        this.lookups = lookupReader(assignment.snapshotOfLookups());
        Set<Long> likely = assignment.plan().published();
        this.relations = new CapturedRelations(
                catalog,
                new TablesAhead(catalog, likely),
                xid -> lookups.awaitVisible(xid, confirmer),
                compositeForms,
                recordsFactory,
                new HistoriesAhead(likely, ledger::shapes));
        this.shapes = new ShapeLog(
                relations,
                shapeOffsets,
                control,
                topics,
                oid -> ShapeHistory.sourcePartition(server, oid),
                met,
                missed,
                position,
                metrics);
        this.decides = signals;
        this.signals = signalRouter(signals, cursor);
        this.router = router(relations, shapes, cursor, this.signals);
        this.window = window(router);
    }

    private RecordSink packing(@Nullable RowPack pack) {
        return pack == null
                ? queueSink
                : new PackingSink(
                        pack,
                        queueSink,
                        partition,
                        Math.min(MOST_PACK_BYTES, queue.mostBatchBytes() / 2),
                        queue.mostBatchBytes(),
                        settings.maxBatchRecords(),
                        queue::isAwaited,
                        System::nanoTime);
    }

    private LookupReader lookupReader(AnchorSnapshot snapshot) {
        return new MeasuredLookups(
                new TableLookups(
                        sessions,
                        snapshot.id(),
                        snapshot.view(),
                        settings.maxQueueBytes(),
                        settings.replaceInvalidText()),
                metrics);
    }

    private SignalRouter signalRouter(Signals decides, StreamCursor at) {
        return new SignalRouter(settings.signals(), decides, control, partition, at, sink);
    }

    private ChangeRouter router(CapturedRelations tables, ShapeLog log, StreamCursor at, SignalRouter answers) {
        return new ChangeRouter(
                settings, tables, log, control, limit, partition, at, assignment.passedOver(), answers, sink, metrics);
    }

    private CompletionWindow window(ChangeRouter behind) {
        return new CompletionWindow(behind, lookups, confirmer, settings.maxQueueBytes());
    }

    SlotConfirmer confirmer() {
        return confirmer;
    }

    LookupReader lookups() {
        return lookups;
    }

    ChangeRouter router() {
        return router;
    }

    /** Takes records of no change, too. */
    RecordSink sink() {
        return sink;
    }

    /**
     * What reads the slot.
     *
     * @param end where to stop; null to read for good
     * @param topic a topic of signals; null for none
     * @param catchesUp whether lagging topics catch up beside the reading of the live ones
     */
    SlotReader reader(@Nullable ReadingEnd end, @Nullable SignalTopic topic, boolean catchesUp) {
        return new SlotReader(
                sessions,
                StreamAssignment.sessionRole(assignment.passedOver()),
                settings,
                ledger,
                confirmer,
                queueSink,
                router,
                window,
                metrics,
                end,
                topic == null ? null : new TopicSignals(topic, signals, window, router),
                catchesUp ? catchUp() : null,
                stopped);
    }

    /** The second reading has parts of its own as far as they depend on what the server has sent to its session. */
    private LaggingCatchUp catchUp() {
        StreamCursor lagging = cursor.forLagging();
        CapturedRelations tables = relations.forSecondReading();
        CompletionWindow laggingWindow =
                window(router(tables, shapes.forSecondReading(tables), lagging, signalRouter(decides, lagging)));
        LaggingReader reader = new LaggingReader(lagging, laggingWindow, metrics, queue.mostBatchBytes());
        return new LaggingCatchUp(sessions, settings, cursor, window, router, reader, confirmer);
    }
}
