package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.pgoutput.Begin;
import io.pgseam.pg.pgoutput.Commit;
import io.pgseam.pg.pgoutput.Delete;
import io.pgseam.pg.pgoutput.Insert;
import io.pgseam.pg.pgoutput.LogicalMessage;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.Origin;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.pg.pgoutput.Truncate;
import io.pgseam.pg.pgoutput.Update;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.Timeline;
import io.pgseam.record.AlteredTypeException;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.RecordSize;
import io.pgseam.record.UnfitTableException;
import io.pgseam.task.MessageLimit;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns messages of pgoutput into records, in the order of their commits (invariant I4), and leaves out what Kafka has
 * already: after a restart the server sends whole transactions again.
 *
 * <p>Used by the thread that reads the slot.
 */
final class ChangeRouter {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeRouter.class);

    private final StreamSettings settings;
    private final CapturedRelations relations;
    private final ShapeLog shapes;
    private final ControlRecords control;
    private final Map<String, Object> partition;
    private final RecordSink sink;
    private final StreamMetrics metrics;
    private final RowCompletion completion = new RowCompletion();
    private final StreamCursor cursor;
    private final Set<Long> passedOver;
    private final SignalRouter signals;
    private final MessageRouter messages;
    private final StreamTransaction transaction = new StreamTransaction();
    private final TransactionEvents events;
    private final ChangeRecords records;

    /** The table of the last change; of a truncate, the last of its tables. */
    private @Nullable CapturedRelation relation;

    /** @param passedOver OIDs of tables no change of which is made into a record */
    ChangeRouter(
            StreamSettings settings,
            CapturedRelations relations,
            ShapeLog shapes,
            ControlRecords control,
            MessageLimit limit,
            Map<String, Object> partition,
            StreamCursor cursor,
            Set<Long> passedOver,
            SignalRouter signals,
            RecordSink sink,
            StreamMetrics metrics) {
        this.metrics = metrics;
        this.signals = signals;
        this.passedOver = passedOver;
        this.settings = settings;
        this.relations = relations;
        this.shapes = shapes;
        this.control = control;
        this.partition = partition;
        this.cursor = cursor;
        this.sink = sink;
        this.events = new TransactionEvents(settings.transactions(), partition, cursor, transaction);
        this.records = new ChangeRecords(cursor, transaction, events, limit, partition);
        this.messages =
                new MessageRouter(settings.messages(), signals, limit, partition, cursor, transaction, events, sink);
    }

    /** Where the stream stands with the last record that the sink took. */
    StreamPosition position() {
        return cursor.position();
    }

    /** What comes from here on is read on this timeline. */
    void onTimeline(Timeline timeline) {
        cursor.onTimeline(timeline);
    }

    /** Forgets a transaction that was cut off by the loss of the session: the server sends it again as a whole. */
    void restart() {
        transaction.cutOff();
        forgetRecords();
    }

    /**
     * Whether large values may have to be read from the source before an update can be routed.
     *
     * @param committed where the update's transaction committed: it may be one that is still to be routed
     * @param at LSN of the update's WAL record
     */
    boolean mayNeedLookup(Update update, Lsn committed, Lsn at) {
        long oid = update.relationOid();
        return settings.completeToast()
                && RowCompletion.hasUnchanged(update.newRow())
                && isNamed(oid)
                && cursor.mayWant(topicOf(oid), committed, at);
    }

    /**
     * Whether it is known what a table looks like throughout a transaction, though messages before may not be routed yet. Else
     * they have to be routed first, and then {@link #settle} tells.
     *
     * @param committed where the transaction committed
     */
    boolean isSettled(long oid, Lsn committed) {
        return relations.knows(oid, ChangeId.endOf(committed));
    }

    /**
     * Takes in what the table of the next change looks like; everything before that one is routed.
     *
     * @param at LSN of the change's WAL record
     */
    void settle(long oid, Lsn at) throws SQLException {
        adopt(oid, cursor.following(at), cursor.sequence());
    }

    /**
     * What has to be read from the source before an update can be routed.
     *
     * @param committed where the update's transaction committed: it may be one that is still to be routed
     * @param xid its transaction
     * @return null where nothing has to be read, or nothing can be
     */
    @Nullable
    Lookup lookupFor(Update update, Lsn committed, long xid) {
        CapturedRelation relation = relations.find(update.relationOid());
        if (relation == null || !relation.records().needsWholeRows()) {
            return null;
        }
        return completion.lookupFor(relation, update, committed, xid);
    }

    /**
     * Takes one message.
     *
     * @param at where it stands in the WAL, as the server says with it; to be read as unsigned
     * @param lookup for an update, the answer to {@link #lookupFor}
     * @throws SQLException where the source has to be asked for something and does not answer
     */
    void route(Message message, Lsn at, @Nullable Lookup lookup) throws SQLException {
        records.madeOf(at);
        if (message instanceof Begin begin) {
            relations.beforeOtherMessage();
            begin(begin, at);
        } else if (message instanceof Commit commit) {
            end(commit, at);
            sink.endTransaction();
            metrics.commit();
        } else if (message instanceof Relation relation) {
            relations.describe(relation);
            signals.describe(relation);
        } else if (message instanceof Truncate truncate) {
            relations.beforeOtherMessage();
            cursor.next(at, truncate.relationOids().length);
            change(truncate, lookup);
        } else if (message instanceof LogicalMessage said) {
            messages.route(said);
        } else if (message instanceof Origin origin) {
            transaction.replicatedFrom(origin);
        } else if (message instanceof Insert || message instanceof Update || message instanceof Delete) {
            cursor.next(at, 1);
            if (signals.takes(message, at)) {
                relations.beforeOtherMessage();
            } else {
                change(message, lookup);
            }
        }
    }

    private void change(Message message, @Nullable Lookup lookup) throws SQLException {
        try {
            makeRecordsAsTypesAre(message, lookup);
        } catch (UnfitTableException e) {
            forgetRecords();
            shapes.miss(Objects.requireNonNull(relation).oid(), cursor.change(), e, sink);
        }
        if (!records.isEmpty()) {
            sink.accept(records.all(), records.bytes());
            // Only now: what the sink did not take has to be made again when the server sends it again.
            cursor.taken();
            forgetRecords();
            metrics.change(message, relation);
        } else if (sink.hasRows()) {
            StreamPosition before = cursor.position();
            cursor.offer();
            cursor.taken();
            sink.acceptRows(before, cursor.position(), cursor.change());
            metrics.change(message, relation);
        }
    }

    private void makeRecordsAsTypesAre(Message message, @Nullable Lookup lookup) throws SQLException {
        try {
            makeRecords(message, lookup);
            return;
        } catch (AlteredTypeException e) {
            LOG.info("At {}: {}. Looks what the type is by now", cursor.commitLsn(), e.getMessage());
        }
        relations.refreshTypes(transaction.id());
        try {
            makeRecords(message, lookup);
        } catch (AlteredTypeException e) {
            throw new UnfitTableException(
                    "A change at " + cursor.commitLsn() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private void makeRecords(Message message, @Nullable Lookup lookup) throws SQLException {
        forgetRecords();
        cursor.makeRecords();
        if (message instanceof Insert insert) {
            insert(insert);
        } else if (message instanceof Update update) {
            update(update, lookup);
        } else if (message instanceof Delete delete) {
            delete(delete);
        } else if (message instanceof Truncate truncate) {
            truncate(truncate);
        }
    }

    private void forgetRecords() {
        records.clear();
        sink.forgetRows();
    }

    /** Before the transaction counts as committed: its last record is as old as its others. */
    private void end(Commit commit, Lsn at) throws SQLException {
        SourceRecord end = events.end(at);
        if (end != null) {
            sink.accept(end, RecordSize.of(end));
            cursor.taken();
        }
        transaction.commit(commit);
    }

    private void begin(Begin begin, Lsn at) {
        cursor.begin(begin.commitLsn());
        transaction.begin(begin, at);
        metrics.begin(begin.commitTimeMicros());
        relations.begin(begin.commitLsn());
    }

    /**
     * Takes in the committed position of the stream.
     *
     * @throws SQLException where the sink does
     */
    void durable(StreamPosition durable) throws SQLException {
        if (shapes.durable(durable, sink) && !transaction.isOpen()) {
            sink.endTransaction();
        }
    }

    /** Nothing more comes for a while: hands over what is kept back. */
    void flush() throws SQLException {
        sink.flush();
    }

    /** A record that belongs to no change, after everything before it. */
    void heartbeat(Lsn received) throws SQLException {
        StreamPosition reached = cursor.offerAt(received);
        sink.accept(
                control.heartbeat(
                        reached.readFrom(),
                        reached.isSplit() ? reached.lsn() : null,
                        partition,
                        reached.toSourceOffset()),
                0);
        cursor.taken();
        sink.endTransaction();
        metrics.heartbeat();
    }

    /** Whether a heartbeat makes the lagging topics one with the others: until then the slot has to keep what they need. */
    boolean catchesUpAt(Lsn received) {
        return cursor.catchesUpAt(received);
    }

    /** The table of the change at hand; null if it is not captured, or Kafka has the change already. */
    private @Nullable CapturedRelation relationOf(long oid) throws SQLException {
        relation = adopt(oid, cursor.change(), cursor.sequenceBefore()) ? relations.find(oid) : null;
        return relation;
    }

    /**
     * Takes in what a table looks like at a change.
     *
     * @param sequenceBefore a number that no {@code __seq} of the transaction exceeds before that change
     * @return false if the change has not to be sent
     */
    private boolean adopt(long oid, ChangeId change, long sequenceBefore) throws SQLException {
        relations.beforeChange(oid);
        if (!isNamed(oid)) {
            return false;
        }
        String topic = topicOf(oid);
        if (!cursor.wants(topic, change)) {
            return false;
        }
        cursor.select(topic);
        if (!relations.knows(oid, change)) {
            shapes.take(oid, change, sequenceBefore, cursor.group(), transaction.id(), sink);
        }
        return true;
    }

    /** Whether changes of a table are made into records at all, and it is known which topic they go to, if that matters. */
    private boolean isNamed(long oid) {
        return !passedOver.contains(oid) && (!cursor.isSplit() || shapes.topicOf(oid) != null);
    }

    /** The topic of a table's changes; null if no topic lags behind, so that it does not matter. */
    private @Nullable String topicOf(long oid) {
        return cursor.isSplit() ? shapes.topicOf(oid) : null;
    }

    private void insert(Insert insert) throws SQLException {
        CapturedRelation relation = relationOf(insert.relationOid());
        if (relation != null) {
            relation.records().insert(relation.newRow(insert.row()), records);
        }
    }

    private void update(Update update, @Nullable Lookup lookup) throws SQLException {
        CapturedRelation relation = relationOf(update.relationOid());
        if (relation == null) {
            return;
        }
        TextRow oldRow = relation.oldRow(update.oldRow());
        TextRow newRow = relation.newRow(update.newRow());
        boolean whole = relation.isWhole(update.oldTuple());
        relation.ensureOldKey(oldRow, whole, cursor.commitLsn());
        if (RowCompletion.hasUnchanged(newRow)) {
            newRow = completion.complete(oldRow, newRow, lookup);
            if (lookup != null && lookup.isAnswered() && lookup.values() == null) {
                // Deleted, or moved to another key, by now: a later change of this stream says so. The number of the
                // upsert that is left out is used up all the same: the next time the row may be found.
                relation.records().updateOfLostRow(oldRow, whole, newRow, records);
                return;
            }
            if (relation.records().needsWholeRows() && RowCompletion.hasUnchanged(newRow)) {
                throw RowCompletion.notWhole(relation, cursor.commitLsn(), settings.completeToast());
            }
        }
        relation.records().update(oldRow, whole, newRow, records);
    }

    private void delete(Delete delete) throws SQLException {
        CapturedRelation relation = relationOf(delete.relationOid());
        if (relation == null) {
            return;
        }
        TextRow oldRow = relation.oldRow(delete.oldRow());
        if (oldRow != null) {
            boolean whole = relation.isWhole(delete.oldTuple());
            relation.ensureOldKey(oldRow, whole, cursor.commitLsn());
            relation.records().delete(oldRow, whole, records);
        }
    }

    private void truncate(Truncate truncate) throws SQLException {
        for (long oid : truncate.relationOids()) {
            CapturedRelation relation = relationOf(oid);
            if (relation == null) {
                continue;
            }
            boolean said = relation.records().truncate(records);
            if (!records.begin(What.GONE)) {
                continue;
            }
            TruncatePolicy.apply(settings.failOnTruncate(), said, relation, cursor.commitLsn());
            SourceRecord record = control.truncate(
                    relation.id(),
                    relation.records().topic(),
                    cursor.commitLsn(),
                    cursor.sequenceBefore(),
                    partition,
                    records.offset());
            records.write(record, 0);
        }
    }
}
