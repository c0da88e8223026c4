package io.pgseam.stream;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until others can see a transaction that the stream has: it is streamed as soon as its commit is in the WAL, and becomes
 * visible a little later, or much later where the commit waits for a synchronous standby. What the source is asked before that
 * is answered as of before the transaction.
 */
final class VisibleTransactions {

    private static final Logger LOG = LoggerFactory.getLogger(VisibleTransactions.class);
    private static final long VISIBILITY_NANOS = Duration.ofMillis(1).toNanos();
    private static final long WAITING_LOG_NANOS = Duration.ofSeconds(10).toNanos();

    private long visibleXid = -1;

    /**
     * Returns when a statement of the session sees the transaction, which is known to have committed.
     *
     * @param session outside of a transaction
     * @param xid the transaction's number as pgoutput has it
     * @throws SQLException with SQLSTATE 57014 where the thread is interrupted meanwhile
     */
    void await(Connection session, long xid) throws SQLException {
        if (xid == visibleXid) {
            return;
        }
        long lastLog = System.nanoTime();
        while (!isVisible(session, xid)) {
            if (System.nanoTime() - lastLog >= WAITING_LOG_NANOS) {
                lastLog = System.nanoTime();
                LOG.warn(
                        "Transaction {} is in the WAL but not visible yet: its commit waits, perhaps for a synchronous"
                                + " standby, and the stream waits for it",
                        xid);
            }
            LockSupport.parkNanos(VISIBILITY_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new SQLException("interrupted while waiting for transaction " + xid, "57014");
            }
        }
        visibleXid = xid;
    }

    private static boolean isVisible(Connection session, long xid) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_catalog.pg_current_snapshot()::text")) {
            result.next();
            return SnapshotText.shows(result.getString(1), xid);
        }
    }
}
