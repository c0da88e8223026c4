package io.pgseam.pg.session;

import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a primary log its running transactions, for a slot that is created on a standby. */
final class PrimaryLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PrimaryLog.class);

    private final @Nullable Sessions primary;
    private @Nullable PgConnection session;
    private boolean refused;

    /** @param primary opens sessions with it; null to leave it to itself */
    PrimaryLog(@Nullable Sessions primary) {
        this.primary = primary;
    }

    /** Tries it; the log says once if that cannot be done, and the slot then waits for what the primary does by itself. */
    void logRunningTransactions() {
        if (primary == null || refused) {
            return;
        }
        try {
            PgConnection open = session == null ? primary.open("standby snapshot") : session;
            session = open;
            try (Statement statement = open.createStatement()) {
                statement.execute("SELECT pg_catalog.pg_log_standby_snapshot()");
            }
        } catch (SQLException e) {
            close();
            refused = SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT;
            LOG.warn(
                    "Cannot have the primary {} log its running transactions, and waits until it does so by itself{}: {}",
                    primary.settings().target(),
                    refused ? ". The role needs GRANT EXECUTE ON FUNCTION pg_catalog.pg_log_standby_snapshot()" : "",
                    SqlErrors.describe(e));
        }
    }

    @Override
    public void close() {
        Sessions.closeQuietly(session);
        session = null;
    }
}
