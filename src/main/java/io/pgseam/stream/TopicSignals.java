package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import java.sql.SQLException;

/**
 * Answers signals of a Kafka topic between two transactions of the stream. So each has a place among the changes, as a signal in the WAL has.
 *
 * <p>Used by the thread that reads the slot.
 */
final class TopicSignals {

    private final SignalTopic topic;
    private final SignalRouter signals;
    private final CompletionWindow window;
    private final ChangeRouter router;

    TopicSignals(SignalTopic topic, SignalRouter signals, CompletionWindow window, ChangeRouter router) {
        this.topic = topic;
        this.signals = signals;
        this.window = window;
        this.router = router;
    }

    /**
     * Answers what was read of the topic.
     *
     * @param reached everything committed before it has been taken from the server
     * @return whether the position was moved to it
     * @throws SQLException if the source has to be asked and does not answer
     */
    boolean answer(Lsn reached) throws SQLException {
        if (topic.next() == null || window.inTransaction()) {
            return false;
        }
        window.flush();
        router.flush();
        for (SignalTopic.Read read = topic.next(); read != null; read = topic.next()) {
            signals.answer(read, reached);
            topic.taken();
        }
        return true;
    }
}
