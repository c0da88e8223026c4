package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.WalPosition;
import io.pgseam.pg.catalog.ReplayLag;
import io.pgseam.pg.catalog.ServerCatalog;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.pg.session.SynchronizedSlot;
import io.pgseam.phase.Facts;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the slot and the server, through a session that it keeps. */
final class SourceObserver implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceObserver.class);

    private static final int VERSION_WITH_IDLE_TIMEOUT = 18;

    /** After a third of the time in which the server gives up slots that no session uses, the slot is used: moved to where it is. */
    private static final String KEEP_IN_USE = """
            SELECT pg_replication_slot_advance(s.slot_name, s.confirmed_flush_lsn)
              FROM pg_replication_slots s JOIN pg_settings t ON t.name = 'idle_replication_slot_timeout'
             WHERE s.slot_name = ? AND NOT s.active AND s.invalidation_reason IS NULL AND t.setting::bigint > 0
               AND s.inactive_since < clock_timestamp() - make_interval(secs => t.setting::bigint / 3.0)
            """;

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private final LeaderMetrics metrics;
    private @Nullable PgConnection session;
    private final ReplayWatch replay = new ReplayWatch();
    private boolean warnedOfInvalidation;
    private @Nullable String reader;
    private @Nullable SlotState lastState;
    private boolean usable;

    SourceObserver(PgSeamSettings settings, Sessions sessions, LeaderMetrics metrics) {
        this.metrics = metrics;
        this.settings = settings;
        this.sessions = sessions;
    }

    /** The slot as the server shows it now. */
    Facts.Slot slot() throws SQLException {
        Facts.Slot now = slot(session());
        usable = now.state() == Facts.SlotState.USABLE;
        return now;
    }

    /** What the session that reads the slot calls itself, as of the last look; null if there is none. */
    @Nullable
    String reader() {
        return reader;
    }

    /** The server's WAL position now. */
    Lsn serverLsn() throws SQLException {
        Lsn now = WalPosition.now(session());
        metrics.source(lastState, usable, now);
        ReplayLag lag = isStandby() ? ReplayLag.read(session()).orElse(null) : null;
        metrics.replay(lag);
        replay.look(lag);
        return now;
    }

    /** Whether the server was a standby when it last answered. */
    boolean isStandby() {
        return session != null && Sessions.isWithStandby(session);
    }

    /**
     * Has the slot count as used while it waits for its reader: from its creation to the seam no session reads it, and PostgreSQL 18 and
     * later can give up slots that are not used ({@code idle_replication_slot_timeout}).
     */
    void keepSlotInUse() throws SQLException {
        PgConnection open = session();
        if (open.getServerMajorVersion() < VERSION_WITH_IDLE_TIMEOUT) {
            return;
        }
        try (PreparedStatement statement = open.prepareStatement(KEEP_IN_USE)) {
            statement.setString(1, settings.replication().slotName());
            statement.execute();
        } catch (SQLException e) {
            if (!SqlErrors.isInUse(e)) {
                throw e;
            }
        }
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
        lastState = found.orElse(null);
        reader = found.map(SlotState::activeApplication).orElse(null);
        if (found.isEmpty()) {
            return new Facts.Slot(name, Facts.SlotState.ABSENT, Lsn.NONE, false);
        }
        SlotState slot = found.get();
        if (slot.synced()) {
            throw SynchronizedSlot.notYet(name);
        }
        Lsn confirmed = slot.confirmedFlushLsn() == null ? Lsn.NONE : slot.confirmedFlushLsn();
        if (!SlotClaim.mayRead(settings, open, slot)) {
            return new Facts.Slot(name, Facts.SlotState.UNCLAIMED, confirmed, slot.active());
        }
        if (slot.isInvalidated() || "lost".equals(slot.walStatus())) {
            return new Facts.Slot(name, Facts.SlotState.LOST, confirmed, slot.active(), slot.invalidation());
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

    @Override
    public void close() {
        Sessions.closeQuietly(session);
        session = null;
    }
}
