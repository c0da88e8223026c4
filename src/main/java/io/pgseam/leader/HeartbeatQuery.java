package io.pgseam.leader;

import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the statement of {@code heartbeat.action.query} at intervals, in a session and a thread of its own. By the row that it writes, a
 * monitor sees how old the newest row at the other end is; so it runs whether or not the stream gets on, and a failure of it stops
 * nothing.
 */
public final class HeartbeatQuery implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HeartbeatQuery.class);
    private static final long LONGEST_STOP_MS = 1_000;
    private static final long SHORTEST_TIMEOUT_MS = 1_000;

    private final Sessions sessions;
    private final String connector;
    private final String query;
    private final long intervalMs;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable PgConnection session;

    /** Whether the last run failed, and the log says so. */
    private boolean failing;

    /**
     * @param sessions closed by the owner, after this
     * @param query one statement, or several
     * @param intervalMs the time between two runs, in ms; more than 0
     */
    public HeartbeatQuery(Sessions sessions, String connector, String query, long intervalMs) {
        this.sessions = sessions;
        this.connector = connector;
        this.query = query;
        this.intervalMs = intervalMs;
        this.thread = new Thread(this::run, "pgseam-heartbeat " + connector);
        thread.setDaemon(true);
    }

    /** Runs it at once, and then at each interval. */
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            do {
                beat();
            } while (!stopped.await(intervalMs, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            forgetSession();
        }
    }

    private void beat() {
        try {
            try (Statement statement = session().createStatement()) {
                statement.execute(query);
            }
            if (failing) {
                failing = false;
                LOG.info("heartbeat.action.query of connector {} succeeds again", connector);
            }
        } catch (SQLException e) {
            forgetSession();
            if (!failing && stopped.getCount() > 0) {
                failing = true;
                LOG.warn(
                        "heartbeat.action.query of connector {} failed; it is tried again every {} ms, and the stream is not"
                                + " affected: {}",
                        connector,
                        intervalMs,
                        SqlErrors.describe(e));
            }
        }
    }

    /** One in which a statement that waits for a lock ends about when the next one is due. */
    private PgConnection session() throws SQLException {
        PgConnection open = session;
        if (open == null || open.isClosed()) {
            open = sessions.open("heartbeat");
            session = open;
            try (Statement statement = open.createStatement()) {
                statement.execute("SET statement_timeout = " + Math.max(intervalMs, SHORTEST_TIMEOUT_MS));
                // All other sessions have none, because no statement of the connector's own may depend on it.
                statement.execute("SET search_path = \"$user\", public");
            }
        }
        return open;
    }

    private void forgetSession() {
        Sessions.closeQuietly(session);
        session = null;
    }

    /** Does not wait for a statement that is at work for longer than a second: it ends with the sessions. */
    @Override
    public void close() {
        stopped.countDown();
        try {
            thread.join(LONGEST_STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
