package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.pg.session.TableLocks;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who is in the way of a look at the tables, at once and then every minute. A session that has locked a table exclusively keeps the leader from
 * finding out what is to be copied, and nothing else would say so: the stream needs no lock, and continues.
 */
final class BlockedLook {

    private static final Logger LOG = LoggerFactory.getLogger(BlockedLook.class);
    private static final long INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private long mayLogAt = System.nanoTime();

    BlockedLook(PgSeamSettings settings, Sessions sessions) {
        this.settings = settings;
        this.sessions = sessions;
    }

    /** Logs it if a look has failed because of a lock. */
    void failed(SQLException failure) {
        if (!SqlErrors.isLockNotAvailable(failure) || System.nanoTime() - mayLogAt < 0) {
            return;
        }
        try (PgConnection session = sessions.open("blockers")) {
            List<String> holders = TableLocks.exclusive(session, settings.capture()::includesTable);
            if (!holders.isEmpty()) {
                mayLogAt = System.nanoTime() + INTERVAL_NANOS;
                LOG.warn(
                        "Tables that are new, or lack changes, wait to be copied until all tables can be looked at. Waits for {}",
                        String.join("; ", holders));
            }
        } catch (SQLException e) {
            LOG.debug("Could not look up who has locked a table", e);
        }
    }
}
