package io.pgseam.snapshot;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SnapshotHolder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy task's session inside the anchor's snapshot. It exports the snapshot again, so that it lives as long as any copy
 * task does (the relay).
 */
final class SnapshotSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSession.class);

    private final PgConnection session;
    private final CopyManager copyManager;
    private final String exported;

    private SnapshotSession(PgConnection session, String exported) throws SQLException {
        this.session = session;
        this.copyManager = session.getCopyAPI();
        this.exported = exported;
    }

    /**
     * Opens a session in a snapshot.
     *
     * @param snapshots ids under which the snapshot may be found, the likeliest first
     * @param view what the snapshot has to show
     * @throws SnapshotLostException where none of them can be imported (invariant I8)
     * @throws SQLException where the server cannot be reached or refuses otherwise
     */
    static SnapshotSession open(Sessions sessions, String role, Collection<String> snapshots, String view)
            throws SQLException, SnapshotLostException {
        PgConnection session = sessions.open(role);
        try {
            try (Statement statement = session.createStatement()) {
                // Rows of a range have to come in the order of their ctid: what was sent of a stride is known by its
                // count.
                statement.execute("SET max_parallel_workers_per_gather = 0; SET enable_seqscan = off");
            }
            for (String snapshot : snapshots) {
                if (SnapshotHolder.imports(session, snapshot, view)) {
                    String exported = SnapshotHolder.exportSnapshot(session);
                    LOG.info(
                            "Reading in snapshot {} with backend {}, exported again as {}",
                            snapshot,
                            session.getBackendPID(),
                            exported);
                    return new SnapshotSession(session, exported);
                }
            }
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
        session.close();
        throw new SnapshotLostException("no session holds the snapshot any more, tried " + snapshots);
    }

    /** The id under which this session exports the snapshot. */
    String exported() {
        return exported;
    }

    /**
     * Takes ACCESS SHARE on a relation until {@link #release()}, and tells its present filenode. The lock comes first: from
     * then on nobody can rewrite the relation. A snapshot does not protect against a rewrite, rows would be lost silently.
     *
     * @param lockTimeoutMs how long to wait for the lock, in ms; 0 for ever
     * @return the filenode; 0 where the relation has none any more
     * @throws SQLException with SQLSTATE 55P03 where the lock was not to be had in time, 42P01 where the relation is gone
     */
    long lock(TableId relation, long oid, int lockTimeoutMs) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("SAVEPOINT chunk");
            statement.execute("SET LOCAL lock_timeout = " + lockTimeoutMs);
            // The parser takes the lock, and the function then looks at the present, not at the snapshot.
            try (ResultSet result = statement.executeQuery("SELECT coalesce(pg_relation_filenode(" + oid
                    + "::oid::regclass), 0)::bigint WHERE NOT EXISTS (SELECT FROM ONLY " + relation.quoted()
                    + " WHERE false)")) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    /** Gives the lock back; the snapshot stays. No lock is held between chunks: an ALTER TABLE must get its turn. */
    void release() throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("ROLLBACK TO SAVEPOINT chunk");
            statement.execute("RELEASE SAVEPOINT chunk");
        }
    }

    CopyOut copyOut(String sql) throws SQLException {
        return copyManager.copyOut(sql);
    }

    /** Ends the session at once, also in the middle of a COPY. */
    @Override
    public void close() {
        try {
            session.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("Could not close a snapshot session", e);
        }
    }
}
