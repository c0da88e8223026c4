package io.pgseam.stream;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.pg.session.SqlErrors;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLState;

/** The session in which values are looked up: of the present, or of a snapshot. It is opened when it is needed. */
final class LookupSession implements AutoCloseable {

    private static final String SAVEPOINT = "SAVEPOINT lookup";
    private static final String END_SAVEPOINT = "ROLLBACK TO SAVEPOINT lookup; RELEASE SAVEPOINT lookup";

    private final Sessions sessions;
    private final String snapshot;
    private final String view;
    private @Nullable PgConnection session;

    /**
     * @param snapshot the snapshot in which to read; empty for the present
     * @param view what that snapshot shows
     */
    LookupSession(Sessions sessions, String snapshot, String view) {
        this.sessions = sessions;
        this.snapshot = snapshot;
        this.view = view;
    }

    boolean showsPresent() {
        return snapshot.isEmpty();
    }

    /** @throws SQLException if it cannot be opened, or no session holds the snapshot any more */
    PgConnection open() throws SQLException {
        PgConnection open = session;
        if (open == null) {
            open = sessions.open("toast");
            session = open;
            try (Statement statement = open.createStatement()) {
                // A row that is hidden must not pass for one that is gone. Rows are read by the key, however large or
                // small
                // the table seems; compiling such a query takes longer than running it. While the session waits for a
                // lock, the
                // slot's session has to be kept alive.
                statement.execute(
                        "SET lock_timeout = '1s'; SET row_security = off; SET enable_seqscan = off; SET jit = off;"
                                + " SET max_parallel_workers_per_gather = 0");
            }
            if (!snapshot.isEmpty() && !SnapshotHolder.imports(open, snapshot, view)) {
                throw new SQLException(
                        "no session holds snapshot " + snapshot + " any more", PSQLState.UNDEFINED_OBJECT.getState());
            }
        }
        return open;
    }

    /**
     * Starts to read. If another session has locked the table, waits as long as that takes, without giving the slot up: to read it again
     * would end here again.
     *
     * @param waits whether to wait longer than for a moment
     * @return null if the table is locked, and the lock is not waited for
     */
    @Nullable
    CopyOut copy(String sql, TableId table, boolean waits, LookupReader.Progress progress) throws SQLException {
        long since = System.nanoTime();
        LockWaitLog wait = null;
        try {
            while (true) {
                inSnapshot(SAVEPOINT);
                try {
                    CopyOut copy = open().getCopyAPI().copyOut(sql);
                    if (wait != null) {
                        wait.granted();
                    }
                    return copy;
                } catch (SQLException e) {
                    if (!SqlErrors.isLockNotAvailable(e)) {
                        throw e;
                    }
                }
                inSnapshot(END_SAVEPOINT);
                if (!waits) {
                    return null;
                }
                progress.goesOn();
                if (wait == null) {
                    wait = new LockWaitLog(sessions, open().getBackendPID(), table, since);
                }
            }
        } finally {
            if (wait != null) {
                wait.close();
            }
        }
    }

    /** What {@link #copy} has begun is read to its end. */
    void copied() throws SQLException {
        inSnapshot(END_SAVEPOINT);
    }

    /**
     * The transaction that holds the snapshot would keep the lock on the table, and an ALTER TABLE that waits for it would keep
     * the application's statements waiting (invariant I12).
     */
    private void inSnapshot(String savepoint) throws SQLException {
        if (!snapshot.isEmpty()) {
            try (Statement statement = open().createStatement()) {
                statement.execute(savepoint);
            }
        }
    }

    @Override
    public void close() {
        PgConnection open = session;
        session = null;
        Sessions.abortQuietly(open);
    }
}
