package io.pgseam;

import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Holds a copy back: as long as a session holds ACCESS EXCLUSIVE on a captured table, that table's chunk waits, and the
 * seam with it.
 *
 * <p>Can be closed only when the anchor is open: a slot waits for every transaction older than itself, this one included.
 */
final class TableGate implements AutoCloseable {

    private final Connection session;

    private TableGate(Connection session) {
        this.session = session;
    }

    /** Takes the lock; waits for whoever reads the table. */
    static TableGate close(TestDatabase database, String table) throws SQLException {
        Connection session = database.connect();
        session.setAutoCommit(false);
        session.createStatement().execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
        return new TableGate(session);
    }

    /** Lets the copy go on. */
    void open() throws SQLException {
        session.close();
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
