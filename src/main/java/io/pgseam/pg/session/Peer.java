package io.pgseam.pg.session;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's end of a session: tells a server that is at work from one that has vanished. Networks can swallow packets without
 * a word, and a statement may take hours without a word, so silence alone says nothing: another session is asked what the server
 * process is doing.
 */
final class Peer {

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    /**
     * Whether the process works at what it was told last. One that waits for its client, or for something to do, has either never got
     * our last message, or its answer was lost.
     */
    private static final String AT_WORK = """
            SELECT state = 'active' AND coalesce(wait_event_type, '') NOT IN ('Client', 'Activity')
              FROM pg_catalog.pg_stat_activity WHERE pid = ?
            """;

    private final Sessions sessions;
    private final int loginPatienceMs;
    private final int patienceMs;
    private volatile @Nullable WatchedSocket socket;
    private volatile int pid;
    private volatile boolean abandoned;
    private long lastCheck;

    /**
     * @param sessions to open the other session with
     * @param loginPatienceMs how long the server may be silent before the session is open
     * @param patienceMs how long it may be silent before it is asked what it does
     */
    Peer(Sessions sessions, int loginPatienceMs, int patienceMs) {
        this.sessions = sessions;
        this.loginPatienceMs = loginPatienceMs;
        this.patienceMs = patienceMs;
        this.lastCheck = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(patienceMs);
    }

    int patienceMs() {
        return pid == 0 ? loginPatienceMs : patienceMs;
    }

    /** The driver may try several times, and makes one more socket to cancel a statement. */
    void reachedBy(WatchedSocket made) {
        if (pid == 0) {
            socket = made;
            if (abandoned) {
                closeSocket();
            }
        }
    }

    /** The session is not needed any more that is being opened: ends every attempt, also one that waits for the server. */
    void abandon() {
        abandoned = true;
        closeSocket();
    }

    private void closeSocket() {
        WatchedSocket made = socket;
        if (made != null) {
            try {
                made.close();
            } catch (IOException e) {
                LOG.debug("Could not close the socket of a session that was being opened", e);
            }
        }
    }

    /** The session is open. */
    void loggedIn(int serverProcess) throws SQLException {
        pid = serverProcess;
        WatchedSocket open = socket;
        if (open != null) {
            try {
                open.setSoTimeout(open.getSoTimeout());
            } catch (java.net.SocketException e) {
                throw new SQLException("the connection is closed already", "08006", e);
            }
        }
    }

    /** How long nothing has come from the server, in ms. */
    long silentMs() {
        WatchedSocket open = socket;
        return open == null ? 0 : open.silentMs();
    }

    /** As of {@link WatchedSocket#awaitBytes}. */
    boolean awaitBytes(int timeoutMs) throws IOException {
        WatchedSocket open = socket;
        return open == null || open.awaitBytes(timeoutMs);
    }

    /** Whether the server has vanished, if it is time to ask it; it is asked no more often than it may be silent. */
    boolean isDueAndGone() {
        long now = System.nanoTime();
        if (now - lastCheck < TimeUnit.MILLISECONDS.toNanos(patienceMs)) {
            return false;
        }
        lastCheck = now;
        return !isAtWork();
    }

    /** Whether the server is at work for this session, as far as can be told. */
    boolean isAtWork() {
        if (pid == 0) {
            return false;
        }
        try (PgConnection other = sessions.openImpatient("peer check");
                PreparedStatement statement = other.prepareStatement(AT_WORK)) {
            statement.setInt(1, pid);
            try (ResultSet result = statement.executeQuery()) {
                boolean atWork = result.next() && result.getBoolean(1);
                if (!atWork) {
                    LOG.warn(
                            "The server {} has been silent for {} s, and its process {} does not work for this connection:"
                                    + " the connection is given up",
                            sessions.settings().target(),
                            silentMs() / 1000,
                            pid);
                }
                return atWork;
            }
        } catch (SQLException e) {
            // A server that answers is there, only what it does cannot be told, as where no more connections are free.
            boolean answers = SqlErrors.isFromServer(e);
            LOG.warn(
                    "The server {} has been silent for {} s, and cannot be asked what its process {} does{}: {}",
                    sessions.settings().target(),
                    silentMs() / 1000,
                    pid,
                    answers ? "" : ". The connection is given up",
                    SqlErrors.describe(e));
            return answers;
        }
    }
}
