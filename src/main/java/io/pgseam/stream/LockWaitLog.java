package io.pgseam.stream;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While a lookup waits for a lock, logs which sessions it waits for. Asks in a thread of its own: the session that waits cannot.
 */
final class LockWaitLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LockWaitLog.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    /** The wait is made of attempts, and between two of them nothing is waited for. */
    private static final Duration RETRY = Duration.ofMillis(200);

    private static final String BLOCKERS = """
            SELECT b.pid, coalesce(a.usename, '(prepared transaction)'), coalesce(a.application_name, ''),
                   coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, 0)
              FROM unnest(pg_blocking_pids(?)) AS b(pid)
              LEFT JOIN pg_stat_activity a ON a.pid = b.pid
            """;

    private final TableId table;
    private final long since;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Starts.
     *
     * @param backend process ID of the session that waits
     * @param table the table whose values it reads
     * @param since when the wait began, as {@link System#nanoTime()}
     */
    LockWaitLog(Sessions sessions, int backend, TableId table, long since) {
        this.table = table;
        this.since = since;
        Thread thread = new Thread(() -> run(sessions, backend), "pgseam-lock-wait " + table);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(Sessions sessions, int backend) {
        try (Connection session = sessions.open("lock wait");
                PreparedStatement statement = session.prepareStatement(BLOCKERS)) {
            statement.setInt(1, backend);
            boolean found = logBlockers(statement);
            while (!closed.await((found ? INTERVAL : RETRY).toMillis(), TimeUnit.MILLISECONDS)) {
                found = logBlockers(statement);
            }
        } catch (SQLException e) {
            LOG.warn(
                    "Large values of table {} cannot be read, because it is locked. Cannot find out by whom: {}",
                    table,
                    SqlErrors.describe(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean logBlockers(PreparedStatement statement) throws SQLException {
        boolean found = false;
        try (ResultSet blockers = statement.executeQuery()) {
            while (blockers.next()) {
                found = true;
                LOG.warn(
                        "Large values of table {} cannot be read for {} s, because the table is locked by PID {} (user {},"
                                + " application \"{}\", transaction open for {} s). The stream waits; its slot stays connected",
                        table,
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since),
                        blockers.getInt(1),
                        blockers.getString(2),
                        blockers.getString(3),
                        blockers.getLong(4));
            }
        }
        return found;
    }

    /** The wait is over, because the lock was granted. */
    void granted() {
        LOG.info(
                "Large values of table {} can be read again after {} s",
                table,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since));
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
