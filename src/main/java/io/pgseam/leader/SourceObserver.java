package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.ServerCatalog;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.Facts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the slot and the server, through a session that it keeps. */
final class SourceObserver implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceObserver.class);

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private @Nullable PgConnection session;
    private boolean warnedOfInvalidation;

    SourceObserver(PgSeamSettings settings, Sessions sessions) {
        this.settings = settings;
        this.sessions = sessions;
    }

    /** The slot as the server shows it now. */
    Facts.Slot slot() throws SQLException {
        return slot(session());
    }

    /** The server's WAL position now. */
    Lsn serverLsn() throws SQLException {
        return serverLsn(session());
    }

    private PgConnection session() throws SQLException {
        if (session == null || session.isClosed()) {
            session = sessions.open("leader");
        }
        return session;
    }

    private Facts.Slot slot(PgConnection open) throws SQLException {
        String name = settings.replication().slotName();
        Optional<SlotState> found = new ServerCatalog(open).slot(name);
        if (found.isEmpty()) {
            return new Facts.Slot(name, Facts.SlotState.ABSENT, Lsn.NONE, false);
        }
        SlotState slot = found.get();
        Lsn confirmed = slot.confirmedFlushLsn() == null ? Lsn.NONE : slot.confirmedFlushLsn();
        if (!SlotClaim.isOurs(settings, open, slot)) {
            return new Facts.Slot(name, Facts.SlotState.UNCLAIMED, confirmed, slot.active());
        }
        if (slot.isInvalidated() || "lost".equals(slot.walStatus())) {
            return new Facts.Slot(name, Facts.SlotState.LOST, confirmed, slot.active());
        }
        warnOfInvalidation(slot, confirmed);
        return new Facts.Slot(name, Facts.SlotState.USABLE, confirmed, slot.active());
    }

    private void warnOfInvalidation(SlotState slot, Lsn confirmed) {
        boolean endangered = "unreserved".equals(slot.walStatus());
        boolean told = warnedOfInvalidation;
        warnedOfInvalidation = endangered;
        if (endangered && !told) {
            LOG.warn(
                    "Slot \"{}\" is about to be invalidated (wal_status unreserved, confirmed {}): raise"
                            + " max_slot_wal_keep_size on the server",
                    slot.name(),
                    confirmed);
        }
    }

    private static Lsn serverLsn(PgConnection open) throws SQLException {
        try (Statement statement = open.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            result.next();
            return Lsn.parse(result.getString(1));
        }
    }

    @Override
    public void close() {
        if (session != null) {
            try {
                session.close();
            } catch (SQLException e) {
                LOG.debug("Could not close the leader's session", e);
            }
            session = null;
        }
    }
}
