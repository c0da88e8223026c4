package io.pgseam.snapshot;

import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SnapshotHolder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
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

    /**
     * A range of blocks has to be read in the order of ctid, because the ledger says of a stride how many of its rows are in
     * Kafka, and another reader resumes after as many. A TID range scan gives that order. Statistics, indexes and row filters
     * must not make the planner choose another scan, and neither must the defaults of the role or the database.
     */
    private static final String IN_CTID_ORDER = "SET enable_tidscan = on; SET enable_seqscan = off;"
            + " SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;"
            + " SET max_parallel_workers_per_gather = 0; SET synchronize_seqscans = off";

    /** Going back to it releases the locks that were taken since, and keeps the snapshot. */
    private static final String UNLOCKED = "unlocked";

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
     * @param lockTimeoutMs how long to wait for the lock of a relation, in ms; 0 waits without end
     * @throws SnapshotLostException where none of them can be imported (invariant I8)
     * @throws SQLException where the server cannot be reached or refuses otherwise
     */
    static SnapshotSession open(
            Sessions sessions, String role, Collection<String> snapshots, String view, int lockTimeoutMs)
            throws SQLException, SnapshotLostException {
        PgConnection session = sessions.open(role);
        try {
            try (Statement statement = session.createStatement()) {
                statement.execute(IN_CTID_ORDER + "; SET lock_timeout = " + lockTimeoutMs);
            }
            for (String snapshot : snapshots) {
                if (SnapshotHolder.imports(session, snapshot, view)) {
                    String exported = SnapshotHolder.exportSnapshot(session);
                    try (Statement statement = session.createStatement()) {
                        statement.execute("SAVEPOINT " + UNLOCKED);
                    }
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

    /** The encoding of the database. */
    DatabaseEncoding encoding() {
        return new DatabaseEncoding(String.valueOf(session.getParameterStatus("server_encoding")));
    }

    /** The server's version, as it says it: {@code 17.6 (Debian 17.6-1.pgdg120+1)}. */
    String serverVersion() {
        return String.valueOf(session.getParameterStatus("server_version"));
    }

    /** The id under which this session exports the snapshot. */
    String exported() {
        return exported;
    }

    /**
     * Takes ACCESS SHARE on the relation of this name until {@link #release()}, and says what it is now. The lock comes first:
     * from then on no session can rewrite or rename the relation. A snapshot does not protect against a rewrite: rows would be
     * lost silently.
     *
     * @param planned OID of the relation that is expected under this name
     * @throws SQLException with SQLSTATE 55P03 if the lock was not granted in time, 42P01 if no relation has this name
     */
    LockedRelation lock(TableId relation, long planned) throws SQLException {
        // The parser takes the lock. Then the functions look at the present, not at the snapshot.
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SELECT named::oid::int8,"
                        + " coalesce(pg_relation_filenode(named), 0)::int8, " + planned + "::oid::regclass::text"
                        + " FROM to_regclass(" + literal(relation.quoted())
                        + ") named WHERE NOT EXISTS (SELECT FROM ONLY " + relation.quoted() + " WHERE false)")) {
            result.next();
            return new LockedRelation(result.getLong(1), result.getLong(2), result.getString(3));
        }
    }

    /**
     * The present filenodes of relations, without a lock. A relation never gets a filenode again that it had before: if it has that
     * of the snapshot now, it had it ever since.
     *
     * @return by OID; 0 for a relation that was dropped
     */
    Map<Long, Long> filenodes(Collection<Long> relations) throws SQLException {
        Map<Long, Long> filenodes = new HashMap<>();
        String oids = relations.stream().map(String::valueOf).collect(Collectors.joining(","));
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SELECT o::int8, coalesce(pg_relation_filenode(o), 0)::int8"
                        + " FROM unnest('{" + oids + "}'::oid[]) o")) {
            while (result.next()) {
                filenodes.put(result.getLong(1), result.getLong(2));
            }
        }
        return filenodes;
    }

    /** Backslashes are escaped by themselves, whatever {@code standard_conforming_strings} the role has. */
    private static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    /**
     * What a relation that was locked by its name is at present.
     *
     * @param oid its OID
     * @param filenode its filenode; 0 if it has none
     * @param nameOfPlanned the present name of the relation that was planned; its OID as text if it was dropped
     */
    record LockedRelation(long oid, long filenode, String nameOfPlanned) {}

    /** Releases the lock; the snapshot stays. No lock is held between strides: an ALTER TABLE must get its turn. */
    void release() throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("ROLLBACK TO SAVEPOINT " + UNLOCKED);
        }
    }

    CopyOut copyOut(String sql) throws SQLException {
        return copyManager.copyOut(sql);
    }

    /** Ends the session at once, also in the middle of a COPY. */
    @Override
    public void close() {
        Sessions.abortQuietly(session);
    }
}
