package io.pgseam.stream;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until other sessions see a transaction whose commit is in the WAL: a commit may wait, for a synchronous standby for example. */
final class CommitVisibility {

    private static final Logger LOG = LoggerFactory.getLogger(CommitVisibility.class);
    private static final long PAUSE_NANOS = Duration.ofMillis(1).toNanos();
    private static final long LOG_NANOS = Duration.ofSeconds(10).toNanos();

    private CommitVisibility() {}

    /** Waits for a snapshot that shows a transaction which is known to have committed, and gives its text. */
    static String await(PgConnection session, long transactionId, LookupReader.Progress progress) throws SQLException {
        long lastLog = System.nanoTime();
        String now = snapshotNow(session);
        while (!SnapshotText.shows(now, transactionId)) {
            if (System.nanoTime() - lastLog >= LOG_NANOS) {
                lastLog = System.nanoTime();
                LOG.warn(
                        "Transaction {} is in the WAL but not visible yet: its commit waits, perhaps for a synchronous"
                                + " standby, and the stream waits for it",
                        transactionId);
            }
            progress.goesOn();
            LockSupport.parkNanos(PAUSE_NANOS);
            now = snapshotNow(session);
        }
        return now;
    }

    private static String snapshotNow(PgConnection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_catalog.pg_current_snapshot()::text")) {
            result.next();
            return result.getString(1);
        }
    }
}
