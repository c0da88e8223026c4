package io.pgseam.pg.session;

import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.jdbc.PgConnection;

/**
 * A session that waits for others' locks and transactions without end, and says in the log for whom. No other session may have to wait for it
 * meanwhile: what it waits for must not stand in the way of anything else of the connector, nor of the application.
 */
public final class PatientSession implements AutoCloseable {

    private final PgConnection session;
    private final BlockerLog blockers;

    private PatientSession(PgConnection session, BlockerLog blockers) {
        this.session = session;
        this.blockers = blockers;
    }

    /**
     * Opens an ordinary session.
     *
     * @param role what it is for, appended to the application name
     * @param what it does, to begin a sentence of the log
     */
    public static PatientSession open(Sessions sessions, String role, String what) throws SQLException {
        return of(sessions, sessions.open(role), what);
    }

    /** Opens a walsender session. */
    static PatientSession openReplication(Sessions sessions, String role, String what) throws SQLException {
        return of(sessions, sessions.openReplication(role), what);
    }

    private static PatientSession of(Sessions sessions, PgConnection session, String what) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("SET lock_timeout = 0");
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
        return new PatientSession(session, BlockerLog.of(sessions, session, what));
    }

    public PgConnection session() {
        return session;
    }

    @Override
    public void close() throws SQLException {
        blockers.close();
        session.close();
    }
}
