package io.pgseam.pg.session;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLState;

/**
 * A slot that a standby keeps in step with its primary's ({@code sync_replication_slots}). No session can read it there before the standby is
 * promoted, and then it has everything: so a reader waits.
 */
public final class SynchronizedSlot {

    private static final int FIRST_VERSION = 17;

    /** cannot_connect_now: as a server that is still starting up. */
    private static final String NOT_NOW = "57P03";

    private static final String QUERY =
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = ? AND synced AND pg_is_in_recovery()";

    private SynchronizedSlot() {}

    /** Says that the slot cannot be read yet; transient. */
    public static SQLException notYet(String slot) {
        return new SQLException(
                "the server is a standby, and replication slot \"" + slot
                        + "\" there is a copy of the primary's. It can be read when the standby is promoted, or when the address leads"
                        + " to the primary",
                NOT_NOW);
    }

    /**
     * Whether a slot is one that cannot be read, after the server has refused it: it gives one SQLSTATE for this and for slots that are lost.
     *
     * @param refusal what the server says; given back if the slot is none of these
     * @throws SQLException if the server does not answer
     */
    public static SQLException explain(Sessions sessions, String slot, SQLException refusal) throws SQLException {
        if (!PSQLState.OBJECT_NOT_IN_STATE.getState().equals(refusal.getSQLState())) {
            return refusal;
        }
        try (PgConnection session = sessions.open("slot check")) {
            return session.getServerMajorVersion() >= FIRST_VERSION && isIn(session, slot) ? notYet(slot) : refusal;
        }
    }

    private static boolean isIn(PgConnection session, String slot) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(QUERY)) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }
}
