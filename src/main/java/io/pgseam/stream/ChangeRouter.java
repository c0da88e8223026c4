package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.pgoutput.Begin;
import io.pgseam.pg.pgoutput.Commit;
import io.pgseam.pg.pgoutput.Delete;
import io.pgseam.pg.pgoutput.Insert;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.OldTuple;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.pg.pgoutput.Truncate;
import io.pgseam.pg.pgoutput.Update;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.AlteredTypeException;
import io.pgseam.record.ChangeWriter;
import io.pgseam.task.MessageLimit;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
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
final class ChangeRouter implements ChangeWriter {

    /** Takes records, waiting for room where it must. */
    interface Sink extends LookupReader.Progress {
        void accept(SourceRecord record, int bytes) throws SQLException;

        /** A source transaction ends here. */
        void endTransaction();
    }

    private static final Logger LOG = LoggerFactory.getLogger(ChangeRouter.class);
    private static final String ALTER_TABLE = "ALTER TABLE ";

    private final StreamSettings settings;
    private final CapturedRelations relations;
    private final ShapeLog shapes;
    private final ControlRecords control;
    private final MessageLimit limit;
    private final Map<String, Object> partition;
    private final Sink sink;
    private final RowCompletion completion = new RowCompletion();

    private final StreamCursor cursor;

    private long commitTimeMicros;
    private long lsn;
    private Lsn previousCommitEnd = Lsn.NONE;
    private long transactionId;
    private boolean inTransaction;
    private @Nullable SQLException sinkFailure;

    ChangeRouter(
            StreamSettings settings,
            CapturedRelations relations,
            ShapeLog shapes,
            ControlRecords control,
            MessageLimit limit,
            Map<String, Object> partition,
            StreamCursor cursor,
            Sink sink) {
        this.settings = settings;
        this.relations = relations;
        this.shapes = shapes;
        this.control = control;
        this.limit = limit;
        this.partition = partition;
        this.cursor = cursor;
        this.sink = sink;
    }

    /** Where the stream stands with the last record that the sink took. */
    StreamPosition position() {
        return cursor.position();
    }

    /** What comes from here on is read on this timeline of the server. */
    void onTimeline(int timeline) {
        cursor.onTimeline(timeline);
    }

    /** Forgets a transaction that was cut off by the loss of the session: the server sends it again as a whole. */
    void restart() {
        inTransaction = false;
        sinkFailure = null;
    }

    /**
     * Whether large values may have to be read from the source before an update can be routed.
     *
     * @param committed where the update's transaction committed: it may be one that is still to be routed
     */
    boolean mayNeedLookup(Update update, Lsn committed) {
        return settings.completeToast()
                && RowCompletion.hasUnchanged(update.newRow())
                && isWanted(update.relationOid(), committed);
    }

    /**
     * Whether it is known what a table looks like throughout a transaction, though messages before may not be routed yet. Else
     * they have to be routed first, and then {@link #settle} tells.
     *
     * @param committed where the transaction committed
     */
    boolean isSettled(long oid, Lsn committed) {
        return relations.knows(oid, committed, Long.MAX_VALUE);
    }

    /** Takes in what the table of the next change looks like; everything before that one is routed. */
    void settle(long oid) throws SQLException {
        relationOf(oid);
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
    void route(Message message, long at, @Nullable Lookup lookup) throws SQLException {
        lsn = at;
        cursor.mark();
        try {
            dispatch(message, lookup);
        } catch (AlteredTypeException e) {
            // What is made of the change already is not made again: its numbers are used up.
            LOG.info("At {}: {}. Looks what the type is by now", commitLsn(), e.getMessage());
            cursor.backToMark();
            relations.refreshTypes(transactionId);
            dispatchAgain(message, lookup);
        }
        if (sinkFailure != null) {
            throw sinkFailure;
        }
    }

    private void dispatchAgain(Message message, @Nullable Lookup lookup) throws SQLException {
        try {
            dispatch(message, lookup);
        } catch (AlteredTypeException e) {
            throw new ConnectException("A change at " + commitLsn() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private void dispatch(Message message, @Nullable Lookup lookup) throws SQLException {
        if (message instanceof Insert insert) {
            insert(insert);
        } else if (message instanceof Update update) {
            update(update, lookup);
        } else if (message instanceof Delete delete) {
            delete(delete);
        } else if (message instanceof Begin begin) {
            begin(begin);
        } else if (message instanceof Commit commit) {
            inTransaction = false;
            previousCommitEnd = commit.endLsn();
            sink.endTransaction();
        } else if (message instanceof Relation relation) {
            relations.describe(relation);
        } else if (message instanceof Truncate truncate) {
            truncate(truncate);
        }
    }

    private void begin(Begin begin) {
        cursor.begin(begin.commitLsn());
        commitTimeMicros = begin.commitTimeMicros();
        transactionId = begin.xid();
        inTransaction = true;
        relations.begin(begin.commitLsn());
    }

    /**
     * Takes in the committed position of the stream.
     *
     * @throws SQLException where the sink does
     */
    void durable(StreamPosition durable) throws SQLException {
        if (shapes.durable(durable, sink) && !inTransaction) {
            sink.endTransaction();
        }
    }

    /** A record that belongs to no change, after everything before it. */
    void heartbeat(Lsn received) throws SQLException {
        StreamPosition reached = cursor.offerAt(received);
        sink.accept(
                control.heartbeat(reached.readFrom(), reached.isParted() ? reached.lsn() : null, partition, reached),
                0);
        cursor.taken();
        sink.endTransaction();
    }

    /** Whether a heartbeat has the topics join that rows were copied to: until then the slot has to keep what they need. */
    boolean joinsAt(Lsn received) {
        return cursor.joinsAt(received);
    }

    /** Whether changes of a table may have to be made into records, of a transaction that may be still to be routed. */
    private boolean isWanted(long oid, Lsn committed) {
        if (!cursor.isParted()) {
            return !cursor.isBehind(committed);
        }
        String topic = shapes.topicOf(oid);
        return topic != null && cursor.wants(topic, committed);
    }

    /** The table that the change at hand is of; null where it is not captured, or Kafka has the change already. */
    private @Nullable CapturedRelation relationOf(long oid) throws SQLException {
        Lsn committed = cursor.commitLsn();
        if (!isWanted(oid, committed)) {
            return null;
        }
        if (cursor.isParted()) {
            cursor.select(Objects.requireNonNull(shapes.topicOf(oid)));
        }
        if (!relations.knows(oid, committed, cursor.made())) {
            shapes.take(oid, cursor, transactionId, sink);
        }
        return relations.find(oid);
    }

    private void insert(Insert insert) throws SQLException {
        CapturedRelation relation = relationOf(insert.relationOid());
        if (relation != null) {
            relation.records().insert(relation.newRow(insert.row()), this);
        }
    }

    private void update(Update update, @Nullable Lookup lookup) throws SQLException {
        CapturedRelation relation = relationOf(update.relationOid());
        if (relation == null) {
            return;
        }
        TextRow oldRow = relation.oldRow(update.oldRow());
        TextRow newRow = relation.newRow(update.newRow());
        boolean whole = update.oldTuple() == OldTuple.FULL;
        ensureOldKey(relation, oldRow, whole);
        if (RowCompletion.hasUnchanged(newRow)) {
            newRow = completion.complete(relation, oldRow, whole, newRow, lookup);
            if (lookup != null && lookup.isAnswered() && lookup.values() == null) {
                // Deleted, or moved to another key, by now: a later change of this stream says so. The number of the
                // upsert that is left out is used up all the same: the next time the row may be found.
                relation.records().updateOfLostRow(oldRow, whole, newRow, this);
                return;
            }
            if (relation.records().needsWholeRows() && RowCompletion.hasUnchanged(newRow)) {
                throw notWhole(relation);
            }
        }
        relation.records().update(oldRow, whole, newRow, this);
    }

    private ConnectException notWhole(CapturedRelation relation) {
        String update = "An update of table " + relation.id() + " at " + cursor.commitLsn()
                + " left a large (TOAST) value unchanged, so PostgreSQL did not send it, and ";
        String wayOut = ALTER_TABLE + relation.id().quoted() + " REPLICA IDENTITY FULL";
        return new ConnectException(
                settings.completeToast()
                        ? update
                                + "the table has no key to look it up by. Set toast.unchanged=placeholder until the stream"
                                + " has passed it, and for the updates to come run " + wayOut
                        : update
                                + "toast.unchanged=fail. Set toast.unchanged=complete to have it read from the table, and to"
                                + " have the updates to come bring it along, run " + wayOut);
    }

    private void delete(Delete delete) throws SQLException {
        CapturedRelation relation = relationOf(delete.relationOid());
        if (relation == null) {
            return;
        }
        TextRow oldRow = relation.oldRow(delete.oldRow());
        if (oldRow != null) {
            boolean whole = delete.oldTuple() == OldTuple.FULL;
            ensureOldKey(relation, oldRow, whole);
            relation.records().delete(oldRow, whole, this);
        }
    }

    /** Rather no record than one with a wrong key (invariant I7). */
    private void ensureOldKey(CapturedRelation relation, @Nullable TextRow oldRow, boolean whole) {
        if (!relation.tellsOldKey(oldRow, whole)) {
            throw new ConnectException("A change of table " + relation.id() + " at " + cursor.commitLsn()
                    + " does not tell the old values of all columns that message.key.columns makes its key, because they are"
                    + " not part of its replica identity. Run ALTER TABLE "
                    + relation.id().quoted()
                    + " REPLICA IDENTITY FULL for changes to come; this one can be read only with the table taken out of"
                    + " message.key.columns");
        }
    }

    /** Invariant I10: a truncate that the format cannot say is never passed over silently. */
    private void truncate(Truncate truncate) throws SQLException {
        Lsn commitLsn = cursor.commitLsn();
        for (long oid : truncate.relationOids()) {
            CapturedRelation relation = relationOf(oid);
            if (relation == null) {
                continue;
            }
            boolean said = relation.records().truncate(this);
            if (nextSequence() == 0) {
                continue;
            }
            String topic = relation.records().topic();
            if (settings.failOnTruncate() && !said) {
                throw new ConnectException(
                        "Table " + relation.id() + " was truncated at " + commitLsn + ", and topic " + topic
                                + " still holds its rows; truncate.policy=fail stops here. Truncate the target too, then set"
                                + " truncate.policy=log and restart the task");
            }
            if (said) {
                LOG.info("Table {} was truncated at {}: topic {} says so", relation.id(), commitLsn, topic);
            } else {
                LOG.warn(
                        "Table {} was truncated at {}: topic {} still holds its rows, truncate the target too",
                        relation.id(),
                        commitLsn,
                        topic);
            }
            sink.accept(control.truncate(relation.id(), topic, commitLsn, partition, cursor.offer()), 0);
            cursor.taken();
        }
    }

    @Override
    public Lsn commitLsn() {
        return cursor.commitLsn();
    }

    @Override
    public long commitTimeMs() {
        return TimeUnit.MICROSECONDS.toMillis(commitTimeMicros);
    }

    @Override
    public long commitTimeMicros() {
        return commitTimeMicros;
    }

    @Override
    public Lsn lsn() {
        return new Lsn(lsn);
    }

    @Override
    public Lsn previousCommitEnd() {
        return previousCommitEnd;
    }

    @Override
    public long transactionId() {
        return transactionId;
    }

    @Override
    public long nextSequence() {
        return cursor.next();
    }

    @Override
    public Map<String, ?> partition() {
        return partition;
    }

    @Override
    public Map<String, ?> offset() {
        return cursor.offer();
    }

    @Override
    public void write(SourceRecord record, int bytes) {
        if (sinkFailure != null) {
            return;
        }
        try {
            sink.accept(record, bytes);
            // Only now: what the sink did not take has to be made again when the server sends it again.
            cursor.taken();
        } catch (SQLException e) {
            sinkFailure = e;
        }
    }

    @Override
    public SourceRecord admit(SourceRecord record, TableId table, List<Column> columns) {
        return limit.admit(record, table, columns, cursor.commitLsn(), cursor.made());
    }

    @Override
    public boolean fits(long bytes) {
        return limit.takes(bytes);
    }
}
