package io.pgseam.pg.session;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a slot together with an exported snapshot, and keeps the snapshot importable until closed.
 *
 * <p>The walsender that creates the slot holds its snapshot only until its next command. So a session of its own imports
 * the snapshot at once, exports it again, and stays in its transaction: the id that it gives can be imported by any session
 * of the database for as long as this object is open.
 */
public final class SnapshotHolder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotHolder.class);

    private final PgConnection session;
    private final Lsn lsn;
    private final String snapshot;
    private final String view;
    private final Instant since = Instant.now();

    private SnapshotHolder(PgConnection session, Lsn lsn) throws SQLException {
        this.session = session;
        this.lsn = lsn;
        this.snapshot = exportSnapshot(session);
        this.view = view(session);
    }

    /**
     * Creates a logical slot for pgoutput and holds its snapshot. Waits without end for all transactions that are older than the
     * slot, prepared ones and those of other databases too, and says in the log whose they are. On a standby it waits until the primary has
     * logged its running transactions, and says that.
     *
     * @param sessions where to open sessions
     * @param slot the name of the durable slot; that of a temporary one begins with it
     * @param lifetime how long the slot is there
     * @throws SQLException where the server refuses; nothing is left behind then but a durable slot that was created
     *     before the fault
     */
    public static SnapshotHolder open(Sessions sessions, String slot, SlotLifetime lifetime) throws SQLException {
        try (PatientSession waiting =
                PatientSession.openReplication(sessions, "anchor", "Creating slot \"" + slot + "\"")) {
            PgConnection walsender = waiting.session();
            String name = lifetime.slotName(slot, walsender.getBackendPID());
            if (!Sessions.isWithStandby(walsender)) {
                return hold(sessions, createSlot(walsender, name, lifetime));
            }
            try (StandbyGuard guard = StandbyGuard.begin(sessions, name)) {
                SnapshotHolder holder = hold(sessions, createSlot(walsender, name, lifetime));
                try {
                    guard.ensureKept(holder.lsn());
                } catch (SQLException e) {
                    holder.close();
                    throw e;
                }
                return holder;
            }
        }
    }

    private static SnapshotHolder hold(Sessions sessions, ExportedPoint point) throws SQLException {
        PgConnection holder = sessions.open("snapshot holder");
        try {
            importSnapshot(holder, point.snapshot());
            return hold(holder, point.lsn());
        } catch (SQLException | RuntimeException e) {
            holder.close();
            throw e;
        }
    }

    /**
     * Holds a snapshot that another session of the database still has.
     *
     * @param snapshots ids under which the snapshot may be found
     * @param view what it has to show, see {@link #view()}
     * @param lsn its consistent point
     * @return empty where no session has it any more
     * @throws SQLException where the server cannot be reached or refuses otherwise
     */
    public static Optional<SnapshotHolder> takeOver(
            Sessions sessions, Collection<String> snapshots, String view, Lsn lsn) throws SQLException {
        PgConnection holder = sessions.open("snapshot holder");
        try {
            for (String snapshot : snapshots) {
                if (imports(holder, snapshot, view)) {
                    return Optional.of(hold(holder, lsn));
                }
            }
        } catch (SQLException | RuntimeException e) {
            holder.close();
            throw e;
        }
        holder.close();
        return Optional.empty();
    }

    /**
     * Whether a session of the database has the snapshot.
     *
     * @param snapshots ids under which it may be found
     * @param view what it has to show
     */
    public static boolean isAlive(Sessions sessions, Collection<String> snapshots, String view) throws SQLException {
        try (PgConnection session = sessions.open("snapshot check")) {
            for (String snapshot : snapshots) {
                if (imports(session, snapshot, view)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static SnapshotHolder hold(PgConnection holder, Lsn lsn) throws SQLException {
        SnapshotHolder result = new SnapshotHolder(holder, lsn);
        LOG.info(
                "Holding the snapshot of LSN {} in backend {} as {}: the source keeps dead rows from here on until it is"
                        + " released",
                lsn,
                holder.getBackendPID(),
                result.snapshot);
        return result;
    }

    private static ExportedPoint createSlot(PgConnection walsender, String slot, SlotLifetime lifetime)
            throws SQLException {
        String command = "CREATE_REPLICATION_SLOT " + TableId.quoteIdentifier(slot) + lifetime.options();
        try (Statement statement = walsender.createStatement();
                ResultSet result = statement.executeQuery(command)) {
            result.next();
            return new ExportedPoint(
                    Lsn.parse(result.getString("consistent_point")), result.getString("snapshot_name"));
        }
    }

    /**
     * Begins a read-only transaction in {@code session} that sees the given snapshot.
     *
     * @throws SQLException with SQLSTATE 22023 or 42704 where no session holds the snapshot any more
     */
    public static void importSnapshot(Connection session, String snapshot) throws SQLException {
        session.setAutoCommit(true);
        try (Statement statement = session.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET TRANSACTION SNAPSHOT '" + snapshot.replace("'", "''") + "'");
        }
    }

    /**
     * Begins a read-only transaction in {@code session} that sees the given snapshot, if a session still has it.
     *
     * @param snapshot its id; empty for none, of which servers say different things
     * @param view what it has to show: a server that was started again gives out the same ids for other snapshots
     * @return false where there is no such snapshot; the session is then outside a transaction
     */
    public static boolean imports(Connection session, String snapshot, String view) throws SQLException {
        if (snapshot.isEmpty()) {
            return false;
        }
        try {
            importSnapshot(session, snapshot);
            if (view(session).equals(view)) {
                return true;
            }
            LOG.warn("Snapshot {} is another one than that of this name before", snapshot);
        } catch (SQLException e) {
            if (!SqlErrors.isUnknownSnapshot(e)) {
                throw e;
            }
            LOG.debug("Snapshot {} cannot be imported: {}", snapshot, e.getMessage());
        }
        try (Statement statement = session.createStatement()) {
            statement.execute("ROLLBACK");
        }
        return false;
    }

    /**
     * What the snapshot of the session's open transaction shows: a digest of the transactions that are visible in it. Two
     * snapshots with the same view show the same rows.
     */
    public static String view(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT encode(sha256(convert_to(pg_catalog.pg_current_snapshot()::text, 'UTF8')), 'hex')")) {
            result.next();
            return result.getString(1);
        }
    }

    /** Exports the snapshot of the session's open transaction; the id is good until that transaction ends. */
    public static String exportSnapshot(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_catalog.pg_export_snapshot()")) {
            result.next();
            return result.getString(1);
        }
    }

    /** The consistent point of the slot: the snapshot shows exactly the commits before it. */
    public Lsn lsn() {
        return lsn;
    }

    /** The id under which the snapshot can be imported. */
    public String snapshot() {
        return snapshot;
    }

    /** What the snapshot shows, as {@link #imports} compares it: a digest, the same in whatever session has the snapshot. */
    public String view() {
        return view;
    }

    /**
     * Makes sure that the session still holds the snapshot, and keeps the connection alive.
     *
     * @return the server's clock, in ms since the epoch
     * @throws SQLException where the session is lost, and the snapshot with it
     */
    public long ping() throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")) {
            result.next();
            return result.getLong(1);
        }
    }

    /** Ends the transaction; what has imported the snapshot keeps it. */
    @Override
    public void close() {
        try {
            session.close();
            LOG.info(
                    "Released the snapshot of LSN {} after {} s",
                    lsn,
                    Duration.between(since, Instant.now()).toSeconds());
        } catch (SQLException e) {
            LOG.warn("Could not close the session that holds snapshot {}: {}", snapshot, e.getMessage());
        }
    }
}
