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

    /** Where the stream stands with the last record that the sink took; Kafka need not have it yet. */
    private StreamPosition position;

    /** Where it stands once the sink takes the record at hand. */
    private StreamPosition offered;

    private Lsn commitLsn = Lsn.NONE;
    private long commitTimeMicros;
    private long lsn;
    private Lsn previousCommitEnd = Lsn.NONE;
    private long transactionId;
    private long sequence;
    private boolean inTransaction;
    private @Nullable SQLException sinkFailure;

    ChangeRouter(
            StreamSettings settings,
            CapturedRelations relations,
            ShapeLog shapes,
            ControlRecords control,
            MessageLimit limit,
            Map<String, Object> partition,
            StreamPosition position,
            Sink sink) {
        this.settings = settings;
        this.relations = relations;
        this.shapes = shapes;
        this.control = control;
        this.limit = limit;
        this.partition = partition;
        this.position = position;
        this.offered = position;
        this.sink = sink;
    }

    StreamPosition position() {
        return position;
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
                && !committed.isBefore(position.lsn())
                && RowCompletion.hasUnchanged(update.newRow());
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
        long made = sequence;
        try {
            dispatch(message, lookup);
        } catch (AlteredTypeException e) {
            // What is made of the change already is not made again: its numbers are used up.
            LOG.info("At {}: {}. Looks what the type is by now", commitLsn, e.getMessage());
            sequence = made;
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
            throw new ConnectException("A change at " + commitLsn + " cannot be written: " + e.getMessage(), e);
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
            commitLsn = begin.commitLsn();
            commitTimeMicros = begin.commitTimeMicros();
            transactionId = begin.xid();
            sequence = 0;
            inTransaction = true;
            relations.begin(commitLsn);
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
        StreamPosition reached = received.isAfter(position.lsn()) ? position.at(received, 0) : position;
        sink.accept(control.heartbeat(reached.lsn(), partition, reached), 0);
        position = reached;
        sink.endTransaction();
    }

    /** Whether Kafka has every change of the transaction at hand: its rows need not be looked at. */
    private boolean isBehind() {
        return commitLsn.isBefore(position.lsn());
    }

    /** The table that the change at hand is of; null where it is not captured, or Kafka has the change already. */
    private @Nullable CapturedRelation relationOf(long oid) throws SQLException {
        if (isBehind()) {
            return null;
        }
        if (!relations.knows(oid, commitLsn, sequence)) {
            shapes.take(oid, commitLsn, sequence, transactionId, sink);
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
        String update = "An update of table " + relation.id() + " at " + commitLsn
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
            throw new ConnectException("A change of table " + relation.id() + " at " + commitLsn
                    + " does not tell the old values of all columns that message.key.columns makes its key, because they are"
                    + " not part of its replica identity. Run ALTER TABLE "
                    + relation.id().quoted()
                    + " REPLICA IDENTITY FULL for changes to come; this one can be read only with the table taken out of"
                    + " message.key.columns");
        }
    }

    /** Invariant I10: a truncate that the format cannot say is never passed over silently. */
    private void truncate(Truncate truncate) throws SQLException {
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
            StreamPosition reached = position.at(commitLsn, sequence);
            sink.accept(control.truncate(relation.id(), topic, commitLsn, partition, reached), 0);
            position = reached;
        }
    }

    @Override
    public Lsn commitLsn() {
        return commitLsn;
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
        sequence++;
        return position.covers(commitLsn, sequence) ? 0 : sequence;
    }

    @Override
    public Map<String, ?> partition() {
        return partition;
    }

    @Override
    public Map<String, ?> offset() {
        offered = position.at(commitLsn, sequence);
        return offered;
    }

    @Override
    public void write(SourceRecord record, int bytes) {
        if (sinkFailure != null) {
            return;
        }
        try {
            sink.accept(record, bytes);
            // Only now: what the sink did not take has to be made again when the server sends it again.
            position = offered;
        } catch (SQLException e) {
            sinkFailure = e;
        }
    }

    @Override
    public SourceRecord admit(SourceRecord record, TableId table, List<Column> columns) {
        return limit.admit(record, table, columns, commitLsn, sequence);
    }

    @Override
    public boolean fits(long bytes) {
        return limit.takes(bytes);
    }
}
