package io.pgseam.pg.session;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While a slot is being created, says whose transactions the creation waits for. CREATE_REPLICATION_SLOT waits for every
 * transaction that was running when it began; without a word it would look like a connector that hangs.
 */
final class BlockerLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BlockerLog.class);
    private static final long INTERVAL_SECONDS = 10;

    private static final String BLOCKERS = """
            SELECT b.pid, coalesce(a.usename, '(prepared transaction)') AS usename,
                   coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, 0) AS age,
                   left(coalesce(a.query, ''), 200) AS query
            FROM unnest(pg_blocking_pids(?)) AS b(pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid
            """;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    BlockerLog(Sessions sessions, int walsenderPid, String slot) {
        thread = new Thread(() -> run(sessions, walsenderPid, slot), "pgseam-slot-blockers");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(Sessions sessions, int walsenderPid, String slot) {
        try {
            while (!closed.await(INTERVAL_SECONDS, TimeUnit.SECONDS)) {
                logBlockers(sessions, walsenderPid, slot);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void logBlockers(Sessions sessions, int walsenderPid, String slot) {
        try (Connection session = sessions.open("slot blockers");
                PreparedStatement statement = session.prepareStatement(BLOCKERS)) {
            statement.setInt(1, walsenderPid);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    LOG.warn(
                            "Creating slot \"{}\" waits for an older transaction to end: pid {}, user {}, running for {} s,"
                                    + " query: {}",
                            slot,
                            result.getInt("pid"),
                            result.getString("usename"),
                            result.getLong("age"),
                            result.getString("query"));
                }
            }
        } catch (SQLException e) {
            LOG.debug("Could not look up who blocks the creation of slot \"{}\"", slot, e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
