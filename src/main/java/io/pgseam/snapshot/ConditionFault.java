package io.pgseam.snapshot;

import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server cannot evaluate the condition of a signal: it divides by zero, a text is no number, or the column has gone. The writer of the signal
 * cannot be asked any more, and no table may suffer for it (invariant I14). Every row of the chunk is copied, so those that the condition would have
 * chosen are among them.
 */
final class ConditionFault {

    private static final Logger LOG = LoggerFactory.getLogger(ConditionFault.class);

    private ConditionFault() {}

    /**
     * Lets the chunk read every row, if a condition may be the reason of the failure.
     *
     * @param session has a savepoint to return to; no lock is held afterwards if the chunk is to be read again
     * @param chunk whose present stride has failed
     * @return false if there is no condition, or it is not the reason
     * @throws SQLException if the session is lost
     */
    static boolean handle(SnapshotSession session, ChunkReader chunk, SQLException failure) throws SQLException {
        String state = String.valueOf(failure.getSQLState());
        // Data, syntax and names, limits of the program, and writing where that is not allowed.
        boolean mayBeReason =
                state.startsWith("22") || state.startsWith("42") || state.startsWith("54") || state.equals("25006");
        if (!mayBeReason || !chunk.readEveryRow()) {
            return false;
        }
        session.release();
        // Without the message: it may quote the condition, or a row.
        LOG.warn(
                "The server cannot evaluate the condition of a signal for table {} (SQLSTATE {}): every row of {} is copied",
                chunk.planned().relation().relation(),
                state,
                chunk.chunk());
        return true;
    }
}
