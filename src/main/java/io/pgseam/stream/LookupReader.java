package io.pgseam.stream;

import java.sql.SQLException;
import java.util.List;

/** Reads from the source what updates left out. */
interface LookupReader extends AutoCloseable {

    /** Is told every now and then that reading takes its time, so that the server does not take the stream for dead. */
    interface Progress {
        void goesOn() throws SQLException;
    }

    /**
     * Answers lookups from the first on: as many as are visible and as memory allows, and at least one.
     *
     * @param lookups without answers, in the order of the stream; at least one
     * @throws SQLException where the source does not answer; some of the lookups may have answers then
     * @throws org.apache.kafka.connect.errors.ConnectException where a value can no longer be had
     */
    void answer(List<Lookup> lookups, Progress progress) throws SQLException;

    /** Waits until other sessions see a transaction that the stream has brought. */
    void awaitVisible(long transactionId, Progress progress) throws SQLException;

    @Override
    void close();
}
