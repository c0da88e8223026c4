package io.pgseam.pg.session;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.WalPosition;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While a slot is created on a standby, keeps the rows that its snapshot is to show, and says in the log for what the creation waits.
 *
 * <p>A standby reads WAL after it has replayed it, so between the consistent point of a slot and the moment at which its snapshot is held, the
 * standby may replay that the primary has removed rows which the snapshot shows. No conflict would be reported, because no session holds
 * the snapshot yet. So a session of its own holds an older one meanwhile: a removal that matters is a conflict with that.
 *
 * <p>The older snapshot is renewed every now and then, because the creation may take hours and the primary keeps dead rows for it. It
 * counts only if it is older than the consistent point.
 */
final class StandbyGuard implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StandbyGuard.class);
    private static final long PAUSE_MS = 500;
    private static final long RENEWAL_MS = 10_000;
    private static final long FIRST_WORD_MS = 3_000;
    private static final long LONGEST_INTERVAL_MS = 60_000;

    private final Sessions sessions;
    private final PgConnection session;
    private final String slot;
    private final long begin = System.nanoTime();
    private final CountDownLatch closed = new CountDownLatch(1);
    private Lsn since = Lsn.NONE;

    private StandbyGuard(Sessions sessions, PgConnection session, String slot) {
        this.sessions = sessions;
        this.session = session;
        this.slot = slot;
    }

    /**
     * Begins to keep rows.
     *
     * @param slot name of the slot that is created
     */
    static StandbyGuard begin(Sessions sessions, String slot) throws SQLException {
        PgConnection session = sessions.open("anchor guard");
        StandbyGuard guard = new StandbyGuard(sessions, session, slot);
        try {
            guard.renew();
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
        Thread thread = new Thread(guard::run, "pgseam-anchor-guard");
        thread.setDaemon(true);
        thread.start();
        return guard;
    }

    private synchronized void renew() throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("ROLLBACK");
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            // This is the statement that takes the snapshot.
            since = WalPosition.now(session);
        }
    }

    private void run() {
        long nextWordMs = FIRST_WORD_MS;
        long nextRenewalMs = RENEWAL_MS;
        try (PrimaryLog primary = new PrimaryLog(sessions.primary())) {
            do {
                primary.logRunningTransactions();
                long nowMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                if (nowMs >= nextWordMs) {
                    LOG.warn(
                            "Creating slot \"{}\" on the standby has been waiting for {} s, for the primary to log its running"
                                    + " transactions, and for the standby to replay that. A busy primary does so every 15 s. To have it"
                                    + " now, run on the primary: SELECT pg_log_standby_snapshot()",
                            slot,
                            TimeUnit.MILLISECONDS.toSeconds(nowMs));
                    nextWordMs = nowMs + Math.min(nowMs, LONGEST_INTERVAL_MS);
                }
                if (nowMs >= nextRenewalMs) {
                    nextRenewalMs = nowMs + RENEWAL_MS;
                    renew();
                }
            } while (!closed.await(PAUSE_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.debug("The guard of slot \"{}\" is lost: {}", slot, SqlErrors.describe(e));
        }
    }

    /**
     * Makes sure that no row was removed that a snapshot shows which is held by now.
     *
     * @param consistentPoint of the snapshot
     * @throws SQLException if rows may have been removed; another attempt may succeed
     */
    synchronized void ensureKept(Lsn consistentPoint) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("SELECT 1");
        } catch (SQLException e) {
            throw conflict(e);
        }
        if (since.isAfter(consistentPoint)) {
            throw conflict(null);
        }
    }

    private SQLException conflict(@Nullable SQLException cause) {
        return new SQLException(
                "while slot \"" + slot
                        + "\" was created on the standby, rows may have been removed that its snapshot shows"
                        + (cause == null ? "" : " (" + SqlErrors.describe(cause) + ")"),
                PSQLState.SERIALIZATION_FAILURE.getState(),
                cause);
    }

    @Override
    public void close() throws SQLException {
        closed.countDown();
        session.close();
    }
}
