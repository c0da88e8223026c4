package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.StreamOffset;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.EventOrder;
import io.pgseam.record.RecordOffsets;
import io.pgseam.record.RecordSize;
import io.pgseam.record.TransactionOrigin;
import io.pgseam.task.MessageLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The records of the change at hand, and what has to be known of it to make them.
 *
 * <p>Only the last one says that Kafka has the change: a position within a change would mean something else with other settings.
 *
 * <p>Used by the thread that reads the slot.
 */
final class ChangeRecords implements ChangeWriter {

    private final StreamCursor cursor;
    private final StreamTransaction transaction;
    private final TransactionEvents events;
    private final MessageLimit limit;
    private final Map<String, Object> partition;
    private final List<SourceRecord> records = new ArrayList<>();
    private long bytes;
    private long sequence;
    private Lsn lsn = Lsn.NONE;

    ChangeRecords(
            StreamCursor cursor,
            StreamTransaction transaction,
            TransactionEvents events,
            MessageLimit limit,
            Map<String, Object> partition) {
        this.cursor = cursor;
        this.transaction = transaction;
        this.events = events;
        this.limit = limit;
        this.partition = partition;
    }

    /** @param at where the message stands in the WAL that the records are made of, as the server says with it */
    void madeOf(Lsn at) {
        lsn = at;
    }

    @Override
    public void write(SourceRecord record, int size) {
        if (!records.isEmpty()) {
            int last = records.size() - 1;
            records.set(
                    last,
                    RecordOffsets.withOffset(records.get(last), new StreamOffset(cursor.position(), cursor.change())));
        }
        records.add(record);
        bytes += size;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    /** They change with the next change. */
    List<SourceRecord> all() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    void clear() {
        records.clear();
        bytes = 0;
    }

    @Override
    public Lsn commitLsn() {
        return cursor.commitLsn();
    }

    @Override
    public long commitTimeMs() {
        return TimeUnit.MICROSECONDS.toMillis(transaction.commitTimeMicros());
    }

    @Override
    public long commitTimeMicros() {
        return transaction.commitTimeMicros();
    }

    @Override
    public Lsn lsn() {
        return lsn;
    }

    @Override
    public Lsn previousCommitEnd() {
        return transaction.previousEnd();
    }

    @Override
    public long transactionId() {
        return transaction.id();
    }

    @Override
    public @Nullable TransactionOrigin origin() {
        return transaction.origin();
    }

    @Override
    public boolean begin(What what) {
        sequence = what == What.GONE ? cursor.oldSequence() : cursor.newSequence();
        return cursor.count();
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public @Nullable EventOrder countEvent(TableId table) {
        EventOrder order = events.count(table.toString());
        SourceRecord beginning = events.beginning(order);
        if (beginning != null) {
            write(beginning, (int) RecordSize.of(beginning));
        }
        return order;
    }

    @Override
    public Map<String, ?> partition() {
        return partition;
    }

    @Override
    public Map<String, ?> offset() {
        return new StreamOffset(cursor.offer(), cursor.change());
    }

    @Override
    public SourceRecord admit(SourceRecord record, TableId table, List<Column> columns) {
        return limit.admit(record, table, columns, cursor.commitLsn(), sequence);
    }

    @Override
    public boolean fits(long size) {
        return limit.takes(size);
    }
}
