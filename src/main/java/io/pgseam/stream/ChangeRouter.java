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
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.RecordSize;
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
    interface Sink {
        void accept(SourceRecord record, int bytes) throws SQLException;

        /** A source transaction ends here. */
        void endTransaction();
    }

    private static final Logger LOG = LoggerFactory.getLogger(ChangeRouter.class);

    private final StreamSettings settings;
    private final CapturedRelations relations;
    private final RowCompleter completer;
    private final ControlRecords control;
    private final MessageLimit limit;
    private final Map<String, Object> partition;
    private final Sink sink;

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
            RowCompleter completer,
            ControlRecords control,
            MessageLimit limit,
            Map<String, Object> partition,
            StreamPosition position,
            Sink sink) {
        this.settings = settings;
        this.relations = relations;
        this.completer = completer;
        this.control = control;
        this.limit = limit;
        this.partition = partition;
        this.position = position;
        this.offered = position;
        this.sink = sink;
    }

    boolean inTransaction() {
        return inTransaction;
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
     * Takes one message.
     *
     * @param at where it stands in the WAL, as the server says with it; to be read as unsigned
     * @throws SQLException where the source has to be asked for something and does not answer
     */
    void route(Message message, long at) throws SQLException {
        lsn = at;
        if (message instanceof Insert insert) {
            insert(insert);
        } else if (message instanceof Update update) {
            update(update);
        } else if (message instanceof Delete delete) {
            delete(delete);
        } else if (message instanceof Begin begin) {
            commitLsn = begin.commitLsn();
            commitTimeMicros = begin.commitTimeMicros();
            transactionId = begin.xid();
            sequence = 0;
            inTransaction = true;
        } else if (message instanceof Commit commit) {
            inTransaction = false;
            previousCommitEnd = commit.endLsn();
            sink.endTransaction();
        } else if (message instanceof Relation relation) {
            relation(relation);
        } else if (message instanceof Truncate truncate) {
            truncate(truncate);
        }
        if (sinkFailure != null) {
            throw sinkFailure;
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

    private void insert(Insert insert) {
        CapturedRelation relation = relations.find(insert.relationOid());
        if (relation != null && !isBehind()) {
            relation.records().insert(relation.newRow(insert.row()), this);
        }
    }

    private void update(Update update) throws SQLException {
        CapturedRelation relation = relations.find(update.relationOid());
        if (relation == null || isBehind()) {
            return;
        }
        TextRow oldRow = relation.oldRow(update.oldRow());
        TextRow newRow = relation.newRow(update.newRow());
        boolean whole = update.oldTuple() == OldTuple.FULL;
        ensureOldKey(relation, oldRow, whole);
        if (hasUnchanged(newRow) && relation.records().needsWholeRows()) {
            TextRow completed = complete(relation, whole ? oldRow : null, newRow);
            if (completed == null) {
                // Deleted, or moved to another key, by now: a later change of this stream says so. The number of the
                // upsert
                // that is left out is used up all the same: the next time the row may be found.
                relation.records().updateOfLostRow(oldRow, whole, newRow, this);
                return;
            }
            newRow = completed;
        }
        relation.records().update(oldRow, whole, newRow, this);
    }

    private @Nullable TextRow complete(CapturedRelation relation, @Nullable TextRow wholeOldRow, TextRow newRow)
            throws SQLException {
        if (!settings.completeToast()) {
            throw new ConnectException("An update of table " + relation.id() + " at " + commitLsn
                    + " left a large (TOAST) value unchanged, so PostgreSQL did not send it, and toast.unchanged=fail. Set"
                    + " toast.unchanged=complete, or: ALTER TABLE "
                    + relation.id().quoted() + " REPLICA IDENTITY FULL");
        }
        return completer.complete(relation, transactionId, wholeOldRow, newRow);
    }

    private static boolean hasUnchanged(TextRow row) {
        for (int field = 0; field < row.size(); field++) {
            if (row.isUnchanged(field)) {
                return true;
            }
        }
        return false;
    }

    private void delete(Delete delete) {
        CapturedRelation relation = relations.find(delete.relationOid());
        if (relation == null || isBehind()) {
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

    private void relation(Relation relation) throws SQLException {
        CapturedRelation changed = relations.update(relation);
        if (changed != null && !isBehind()) {
            sink.accept(
                    control.schema(
                            changed.id(),
                            changed.records().topic(),
                            commitLsn,
                            changed.columns().stream().map(Column::name).toList(),
                            partition,
                            position),
                    0);
        }
    }

    /** Invariant I10: a truncate that the format cannot say is never passed over silently. */
    private void truncate(Truncate truncate) throws SQLException {
        for (long oid : truncate.relationOids()) {
            CapturedRelation relation = relations.find(oid);
            if (relation == null || isBehind()) {
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
    public boolean fits(int keyBytes, int valueBytes) {
        return limit.takes(RecordSize.of(keyBytes, valueBytes));
    }
}
