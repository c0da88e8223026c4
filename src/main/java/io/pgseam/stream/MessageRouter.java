package io.pgseam.stream;

import io.pgseam.pg.pgoutput.LogicalMessage;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamOffset;
import io.pgseam.record.MessagePlace;
import io.pgseam.record.RecordSize;
import io.pgseam.task.MessageLimit;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes messages of {@code pg_logical_emit_message}: signals are answered, captured ones are sent, others are passed over. A message is a change as
 * any other: it has a place in the position, so it is sent once, and in its order.
 *
 * <p>It belongs to no table. So it is never among what lags behind while tables are copied.
 *
 * <p>Used by the thread that reads the slot.
 */
final class MessageRouter {

    /** What Debezium calls the messages of a transaction. */
    private static final String COLLECTION = "LOGICAL_DECODING_MESSAGE";

    private final @Nullable MessageCapture capture;
    private final SignalRouter signals;
    private final MessageLimit limit;
    private final Map<String, Object> partition;
    private final StreamCursor cursor;
    private final StreamTransaction transaction;
    private final TransactionEvents events;
    private final RecordSink sink;
    private final Clock clock = Clock.systemUTC();

    /** @param capture null if no message is sent */
    MessageRouter(
            @Nullable MessageCapture capture,
            SignalRouter signals,
            MessageLimit limit,
            Map<String, Object> partition,
            StreamCursor cursor,
            StreamTransaction transaction,
            TransactionEvents events,
            RecordSink sink) {
        this.capture = capture;
        this.signals = signals;
        this.limit = limit;
        this.partition = partition;
        this.cursor = cursor;
        this.transaction = transaction;
        this.events = events;
        this.sink = sink;
    }

    /**
     * Takes the next message.
     *
     * @throws SQLException if the source has to be asked and does not answer
     */
    void route(LogicalMessage message) throws SQLException {
        if (message.transactional()) {
            cursor.nextMessage(message.lsn());
            take(message, cursor.change());
            return;
        }
        transaction.messageBetween(message.lsn());
        if (take(message, StreamCursor.between(message.lsn()))) {
            sink.endTransaction();
        }
    }

    /** @return whether a record was made of it */
    private boolean take(LogicalMessage message, ChangeId place) throws SQLException {
        if (!cursor.wants(null, place)) {
            return false;
        }
        if (signals.isSignal(message)) {
            signals.answer(message, place);
            return true;
        }
        if (capture == null || !capture.prefixes().test(message.prefix())) {
            return false;
        }
        cursor.beginMessage();
        MessagePlace where = where(message);
        SourceRecord beginning = events.beginning(where.order());
        SourceRecord made =
                capture.records().of(message, where, partition, new StreamOffset(cursor.offer(place), place));
        SourceRecord record = limit.admit(made, message.prefix(), where.commitLsn(), where.sequence());
        sink.accept(beginning == null ? List.of(record) : List.of(beginning, record), RecordSize.of(record));
        cursor.taken();
        return true;
    }

    private MessagePlace where(LogicalMessage message) {
        return message.transactional()
                ? new MessagePlace(
                        message.lsn(),
                        cursor.commitLsn(),
                        cursor.sequence(),
                        transaction.previousEnd(),
                        transaction.id(),
                        transaction.origin(),
                        events.count(COLLECTION),
                        transaction.commitTimeMicros())
                : new MessagePlace(
                        message.lsn(),
                        message.lsn(),
                        0,
                        transaction.previousEnd(),
                        null,
                        null,
                        null,
                        TimeUnit.MILLISECONDS.toMicros(clock.millis()));
    }
}
