package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.Insert;
import io.pgseam.pg.pgoutput.LogicalMessage;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.StreamOffset;
import io.pgseam.phase.StreamPosition;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Finds the signals in the stream, and answers each once, on the control topic. With the answer, Kafka gets the position that has what the
 * signal asks for: both or none.
 *
 * <p>Used by the thread that reads the slot.
 */
final class SignalRouter {

    private final SignalChannels channels;
    private final Signals signals;
    private final ControlRecords control;
    private final Map<String, Object> partition;
    private final StreamCursor cursor;
    private final RecordSink sink;

    /** OIDs of the table of signals, and of those that were it before. */
    private final Set<Long> tables = new HashSet<>();

    SignalRouter(
            SignalChannels channels,
            Signals signals,
            ControlRecords control,
            Map<String, Object> partition,
            StreamCursor cursor,
            RecordSink sink) {
        this.channels = channels;
        this.signals = signals;
        this.control = control;
        this.partition = partition;
        this.cursor = cursor;
        this.sink = sink;
    }

    /** Whether a message of {@code pg_logical_emit_message} is a signal. */
    boolean isSignal(LogicalMessage message) {
        return message.prefix().equals(channels.messagePrefix());
    }

    /**
     * Answers a signal, unless Kafka has the answer.
     *
     * @param place its name in the stream
     * @throws SQLException if the source has to be asked and does not answer
     */
    void answer(LogicalMessage signal, ChangeId place) throws SQLException {
        answer(() -> Signal.ofMessage(signal.content(), signal.lsn()), place);
    }

    /** Takes in which table is the table of signals. */
    void describe(Relation relation) {
        if (relation.id().equals(channels.table())) {
            tables.add(relation.oid());
        } else {
            tables.remove(relation.oid());
        }
    }

    /**
     * Takes a change of a row. What is not a new row of the table of signals is no signal, and is left to be sent.
     *
     * @param at LSN of its WAL record
     * @throws SQLException if the source has to be asked and does not answer
     */
    boolean takes(Message change, Lsn at) throws SQLException {
        if (!(change instanceof Insert insert) || !tables.contains(insert.relationOid())) {
            return false;
        }
        answer(() -> Signal.ofRow(insert.row(), at), cursor.change());
        return true;
    }

    /**
     * Answers a signal of a Kafka topic, between two transactions. The position has how far the topic is read.
     *
     * @param reached everything committed before it is sent
     * @throws SQLException if the source has to be asked and does not answer
     */
    void answer(SignalTopic.Read read, Lsn reached) throws SQLException {
        CopyRequests before = cursor.position().requests();
        if (read.isIn(before.read())) {
            return;
        }
        if (read.isSignal()) {
            String id = read.next().topic() + "-" + read.offset();
            Signals.Decision decision =
                    signals.decide(Signal.ofRecord(read.value().duplicate(), id, reached), before);
            Map<String, ?> offset = cursor.offerAt(reached, decision.requests().readTo(read.next()))
                    .toSourceOffset();
            sink.accept(
                    decision.answers().stream()
                            .map(answer -> control.signal(answer, partition, offset))
                            .toList(),
                    0);
        } else {
            StreamPosition position = cursor.offerAt(reached, before.readTo(read.next()));
            sink.accept(
                    control.heartbeat(
                            position.readFrom(),
                            position.isSplit() ? position.lsn() : null,
                            partition,
                            position.toSourceOffset()),
                    0);
        }
        cursor.taken();
        sink.endTransaction();
    }

    private void answer(Supplier<Signal> signal, ChangeId place) throws SQLException {
        if (!cursor.wants(null, place)) {
            return;
        }
        Signals.Decision decision =
                signals.decide(signal.get(), cursor.position().requests());
        Map<String, ?> offset = new StreamOffset(cursor.offer(place, decision.requests()), place);
        sink.accept(
                decision.answers().stream()
                        .map(answer -> control.signal(answer, partition, offset))
                        .toList(),
                0);
        cursor.taken();
    }
}
