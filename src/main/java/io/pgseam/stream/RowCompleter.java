package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SnapshotHolder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes new rows whose unchanged TOAST values PostgreSQL did not send: from the old row where that is whole, else from
 * the table, by primary key.
 *
 * <p>A transaction is streamed as soon as it is in the WAL, and other sessions may see it a little later, or much later where
 * its commit waits for a synchronous standby. Until then the table would give what was before the change, and nothing would
 * correct it: so the lookup waits until the transaction is visible.
 *
 * <p>What the table gives may be newer than the change at hand. The change that made it newer follows in the stream, so the
 * last record of a key is right all the same. While catching up to an anchor the table is read at the anchor's snapshot, for
 * rows of done chunks are not read again there.
 */
final class RowCompleter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RowCompleter.class);
    private static final long VISIBILITY_NANOS = Duration.ofMillis(1).toNanos();
    private static final long WAITING_LOG_NANOS = Duration.ofSeconds(10).toNanos();

    private final Sessions sessions;
    private final String snapshot;
    private final TextRow fetched = new TextRow();
    private final TextRow completed = new TextRow();
    private @Nullable PgConnection session;
    private long visibleXid = -1;

    /** @param snapshot the snapshot in which to read; empty for the present */
    RowCompleter(Sessions sessions, String snapshot) {
        this.sessions = sessions;
        this.snapshot = snapshot;
    }

    /**
     * The whole new row; valid until the next call.
     *
     * @param xid the transaction that made the change
     * @return null where the table no longer has a row of this key
     */
    @Nullable
    TextRow complete(CapturedRelation relation, long xid, @Nullable TextRow wholeOldRow, TextRow newRow)
            throws SQLException {
        if (wholeOldRow != null) {
            return merge(newRow, wholeOldRow, true);
        }
        List<Column> missing = new ArrayList<>();
        for (int field = 0; field < newRow.size(); field++) {
            if (newRow.isUnchanged(field)) {
                missing.add(relation.columns().get(field));
            }
        }
        awaitVisible(xid);
        return fetch(relation, missing, newRow) ? merge(newRow, fetched, false) : null;
    }

    /** An anchor's snapshot shows every commit before the anchor, and no others are streamed while catching up to it. */
    private void awaitVisible(long xid) throws SQLException {
        if (xid == visibleXid || !snapshot.isEmpty()) {
            return;
        }
        long lastLog = System.nanoTime();
        while (!isVisible(xid)) {
            if (System.nanoTime() - lastLog >= WAITING_LOG_NANOS) {
                lastLog = System.nanoTime();
                LOG.warn(
                        "Transaction {} is in the WAL but not visible yet: its commit waits, perhaps for a synchronous"
                                + " standby, and the stream waits for it",
                        xid);
            }
            LockSupport.parkNanos(VISIBILITY_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new SQLException("interrupted while waiting for transaction " + xid, "57014");
            }
        }
        visibleXid = xid;
    }

    /** Whether a snapshot taken now shows the transaction, which is known to have committed. */
    private boolean isVisible(long xid) throws SQLException {
        try (Statement statement = session().createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_catalog.pg_current_snapshot()::text")) {
            result.next();
            return SnapshotText.shows(result.getString(1), xid);
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    private boolean fetch(CapturedRelation relation, List<Column> missing, TextRow newRow) throws SQLException {
        String sql = statement(relation, missing, newRow);
        try {
            CopyOut copy = session().getCopyAPI().copyOut(sql);
            byte[] line = copy.readFromCopy();
            if (line == null) {
                return false;
            }
            new CopyRowParser(missing.size()).parse(line, 0, line.length, fetched);
            while (copy.readFromCopy() != null) {
                // A key has one row; whatever follows is read to leave the session clean.
                LOG.warn("Table {} has several rows of one key", relation.id());
            }
            return true;
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    private static String statement(CapturedRelation relation, List<Column> missing, TextRow newRow) {
        StringBuilder select = new StringBuilder();
        for (Column column : missing) {
            select.append(select.isEmpty() ? "" : ", ").append(TableId.quoteIdentifier(column.name()));
        }
        StringBuilder where = new StringBuilder();
        for (int field = 0; field < newRow.size(); field++) {
            Column column = relation.columns().get(field);
            if (column.inRowKey()) {
                if (newRow.length(field) < 0) {
                    throw cannot(relation, "its key column " + column.name() + " was not sent either");
                }
                where.append(where.isEmpty() ? "" : " AND ")
                        .append(TableId.quoteIdentifier(column.name()))
                        .append(" = '")
                        .append(newRow.text(field).replace("'", "''"))
                        .append('\'');
            }
        }
        if (where.isEmpty()) {
            throw cannot(relation, "it has no key");
        }
        return "COPY (SELECT " + select + " FROM " + relation.id().quoted() + " WHERE " + where + ") TO STDOUT";
    }

    private static ConnectException cannot(CapturedRelation relation, String reason) {
        return new ConnectException("A large (TOAST) value of table " + relation.id()
                + " was not sent with an update and cannot be looked up: " + reason + ". Run: ALTER TABLE "
                + relation.id().quoted() + " REPLICA IDENTITY FULL");
    }

    private PgConnection session() throws SQLException {
        if (session == null) {
            session = sessions.open("toast");
            if (!snapshot.isEmpty()) {
                SnapshotHolder.importSnapshot(session, snapshot);
            }
        }
        return session;
    }

    /** The new row, with unchanged fields from another: at the same place, or one after the other. */
    private TextRow merge(TextRow newRow, TextRow other, boolean samePlaces) {
        int size = 0;
        for (int field = 0; field < newRow.size(); field++) {
            size += Math.max(0, newRow.length(field));
        }
        for (int field = 0; field < other.size(); field++) {
            size += Math.max(0, other.length(field));
        }
        byte[] bytes = new byte[size];
        completed.reset(bytes);
        int next = 0;
        int taken = 0;
        for (int field = 0; field < newRow.size(); field++) {
            boolean unchanged = newRow.isUnchanged(field);
            TextRow from = unchanged ? other : newRow;
            int place = unchanged && !samePlaces ? taken++ : field;
            if (from.length(place) < 0) {
                completed.addNull();
            } else {
                System.arraycopy(from.bytes(), from.start(place), bytes, next, from.length(place));
                completed.addValue(next, from.length(place));
                next += from.length(place);
            }
        }
        return completed;
    }

    @Override
    public void close() {
        if (session != null) {
            try {
                session.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("Could not close the session that completes rows", e);
            }
            session = null;
        }
    }
}
