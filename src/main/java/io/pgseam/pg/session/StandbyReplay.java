package io.pgseam.pg.session;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.WalPosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until a standby has what was done on its primary. */
public final class StandbyReplay {

    private static final Logger LOG = LoggerFactory.getLogger(StandbyReplay.class);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(10);

    private StandbyReplay() {}

    /**
     * Waits, as long as it takes, until a standby has replayed everything that the primary has written by now.
     *
     * @param primary a session with the primary
     * @param standby a session with the standby; if it is closed, the waiting ends
     * @throws SQLException if one of them does not answer
     */
    public static void await(Connection primary, Connection standby) throws SQLException {
        Lsn written = WalPosition.now(primary);
        long lastLog = System.nanoTime();
        for (Lsn replayed = WalPosition.now(standby); replayed.isBefore(written); replayed = WalPosition.now(standby)) {
            if (System.nanoTime() - lastLog >= LOG_NANOS) {
                lastLog = System.nanoTime();
                LOG.warn("Waits until the standby has replayed {}; it is at {}", written, replayed);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new SQLException("interrupted while the standby replays " + written, "57014");
            }
        }
    }
}
