package io.pgseam.tool.source;

import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.tool.outcome.CommandFailure;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.jdbc.PgConnection;

/** One session with the source database, for one command. */
public final class SourceSession implements AutoCloseable {

    private static final String STATEMENT_TIMEOUT = "SET statement_timeout = '60s'";

    /** What a command asks of the database. */
    @FunctionalInterface
    public interface Question<T> {
        T ask(PgConnection session) throws SQLException;
    }

    private final Sessions sessions;
    private final PgConnection session;
    private final String target;

    private SourceSession(Sessions sessions, PgConnection session, String target) {
        this.sessions = sessions;
        this.session = session;
        this.target = target;
    }

    /**
     * Connects, to a standby too.
     *
     * @param role what the session calls itself in {@code pg_stat_activity}, after the connector's name
     * @throws CommandFailure if the server cannot be reached or refuses the session
     */
    public static SourceSession open(ConnectionSettings settings, String role) {
        Sessions sessions = new Sessions(settings);
        try {
            PgConnection session = sessions.openWithAny(role);
            try (Statement statement = session.createStatement()) {
                statement.execute(STATEMENT_TIMEOUT);
            }
            return new SourceSession(sessions, session, settings.target());
        } catch (SQLException e) {
            sessions.close();
            throw new CommandFailure(
                    "cannot connect to " + settings.target() + " as role " + settings.user() + ": "
                            + SqlErrors.describe(e) + ". pgseam check names the setting to correct",
                    e);
        }
    }

    /**
     * Asks the database.
     *
     * @throws CommandFailure if it does not answer
     */
    public <T> T ask(Question<T> question) {
        try {
            return question.ask(session);
        } catch (SQLException e) {
            throw new CommandFailure(target + " did not answer: " + SqlErrors.describe(e), e);
        }
    }

    @Override
    public void close() {
        sessions.close();
    }
}
