package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Holds a copy back: as long as a session holds ACCESS EXCLUSIVE on a captured table, that table's chunk waits, and the
 * seam with it.
 *
 * <p>Can be closed only when the anchor is open: a slot waits for every transaction older than itself, this one included. So
 * the copy has to be {@linkplain RunningConnector#createHeld held} until then.
 */
public final class TableGate implements AutoCloseable {

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

    /**
     * Takes the lock as soon as a copy task has the snapshot, and then lets the copy hurry. The table is the smallest one, which is
     * copied last: no task has reached it.
     *
     * @param connector created held
     */
    public static TableGate closeOnceTheCopyHasBegun(RunningConnector connector, String table) throws SQLException {
        connector.awaitCopySession();
        TableGate gate = close(connector.database(), table);
        assertThat(connector.chunks(table))
                .as("the gate was closed before its table was copied")
                .isEmpty();
        connector.hurry();
        return gate;
    }

    /** Does something with the table while nobody else can. */
    void execute(String... statements) throws SQLException {
        try (Statement statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Lets the copy go on. What was executed holds. */
    public void open() throws SQLException {
        session.commit();
        session.close();
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
