package io.pgseam.pg.session;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While a session may have to wait for others, says for whom. CREATE_REPLICATION_SLOT waits for every transaction that was running when
 * it began, in any database, and ALTER PUBLICATION for a session that vacuums or indexes a table; without a word it would look like a
 * connector that hangs. The first word comes after a second; the intervals double, up to a minute.
 */
final class BlockerLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BlockerLog.class);
    private static final long FIRST_INTERVAL_MS = 1_000;
    private static final long LONGEST_INTERVAL_MS = 60_000;

    private static final String SESSIONS = """
            SELECT 'pid ' || b.pid || ' (user ' || coalesce(a.usename, 'unknown')
                   || ', application "' || coalesce(a.application_name, '') || '", database ' || coalesce(a.datname, 'none')
                   || ', ' || coalesce(a.state, a.backend_type, 'state unknown')
                   || coalesce(', for ' || extract(epoch FROM clock_timestamp() - a.xact_start)::bigint || ' s', '')
                   || CASE WHEN ? THEN ', query: ' || left(coalesce(a.query, ''), 200) ELSE '' END || ')'
                   || coalesce((SELECT ', which has locked table ' || min(l.relation::regclass::text) FROM pg_locks l
                                WHERE l.pid = w.pid AND NOT l.granted AND l.locktype = 'relation'), '')
              FROM (SELECT ?::int AS pid) w, unnest(pg_blocking_pids(w.pid)) AS b(pid)
              LEFT JOIN pg_stat_activity a ON a.pid = b.pid
             WHERE b.pid <> 0
            """;

    /** A prepared transaction has no session; what it has locked is to be seen all the same. */
    private static final String PREPARED = """
            SELECT DISTINCT 'prepared transaction ''' || p.gid || ''' (owner ' || p.owner || ', database ' || p.database
                   || ', prepared ' || extract(epoch FROM clock_timestamp() - p.prepared)::bigint || ' s ago; to end it: COMMIT PREPARED'
                   || ' or ROLLBACK PREPARED in that database)'
                   || CASE WHEN w.locktype = 'relation' THEN ', which has locked table ' || w.relation::regclass ELSE '' END
              FROM pg_prepared_xacts p JOIN pg_locks w ON w.pid = ? AND NOT w.granted
             WHERE w.transactionid = p.transaction
                OR EXISTS (SELECT 1 FROM pg_locks h WHERE h.granted AND h.locktype = 'relation'
                              AND h.relation = w.relation AND h.database = w.database
                              AND h.virtualtransaction = '-1/' || p.transaction)
            """;

    private final Sessions sessions;
    private final int waitingPid;
    private final String what;
    private final boolean tellsQueries;
    private final long begin = System.nanoTime();
    private final CountDownLatch closed = new CountDownLatch(1);

    private BlockerLog(Sessions sessions, int waitingPid, String what, boolean tellsQueries) {
        this.sessions = sessions;
        this.waitingPid = waitingPid;
        this.what = what;
        this.tellsQueries = tellsQueries;
    }

    /**
     * Begins to watch.
     *
     * @param session that may have to wait
     * @param what it does, to begin a sentence: "Creating slot …"
     */
    static BlockerLog of(Sessions sessions, PgConnection session, String what) {
        BlockerLog log = new BlockerLog(
                sessions, session.getBackendPID(), what, sessions.settings().tellsQueries());
        Thread thread = new Thread(log::run, "pgseam-blockers");
        thread.setDaemon(true);
        thread.start();
        return log;
    }

    private void run() {
        long intervalMs = FIRST_INTERVAL_MS;
        try {
            while (!closed.await(intervalMs, TimeUnit.MILLISECONDS)) {
                look();
                intervalMs = Math.min(2 * intervalMs, LONGEST_INTERVAL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try (PgConnection session = sessions.open("blockers")) {
            List<String> blockers = new ArrayList<>();
            try (PreparedStatement statement = session.prepareStatement(SESSIONS)) {
                statement.setBoolean(1, tellsQueries);
                statement.setInt(2, waitingPid);
                addRows(statement, blockers);
            }
            try (PreparedStatement statement = session.prepareStatement(PREPARED)) {
                statement.setInt(1, waitingPid);
                addRows(statement, blockers);
            }
            if (!blockers.isEmpty() && closed.getCount() > 0) {
                LOG.warn(
                        "{} has been waiting for {} s, for {}",
                        what,
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
                        String.join("; ", blockers));
            }
        } catch (SQLException e) {
            LOG.debug("Could not look up who blocks: {}", what, e);
        }
    }

    private static void addRows(PreparedStatement statement, List<String> rows) throws SQLException {
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
