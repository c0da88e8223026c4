package io.pgseam.snapshot;

import io.pgseam.phase.Anchor;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * A table has text that the server cannot send in UTF-8: bytes of another encoding in a database whose encoding is SQL_ASCII, or
 * characters that Unicode does not have. The server's error names neither table nor column.
 */
final class TextFault {

    /** character_not_in_repertoire, untranslatable_character. */
    private static final Set<String> STATES = Set.of("22021", "22P05");

    private TextFault() {}

    /** Whether a failure says this. */
    static boolean isOne(SQLException failure) {
        return STATES.contains(String.valueOf(failure.getSQLState()));
    }

    /**
     * What to tell a person: reads each column alone to find out which it is.
     *
     * @param session has a savepoint to return to
     * @param chunk whose present stride has failed
     * @throws SQLException if the session is lost
     */
    static ConnectException explain(SnapshotSession session, ChunkReader chunk, Anchor anchor, SQLException failure)
            throws SQLException {
        List<String> columns = new ArrayList<>();
        session.release();
        for (PlannedColumn column : chunk.planned().relation().table().columns()) {
            try {
                chunk.readColumn(session, column.name());
            } catch (SQLException e) {
                if (!isOne(e)) {
                    throw e;
                }
                session.release();
                columns.add('"' + column.name() + '"');
            }
        }
        return new ConnectException(
                "Cannot copy " + chunk.chunk() + " at " + anchor + ": the server cannot send text of column "
                        + String.join(", ", columns) + " in UTF-8 (SQLSTATE " + failure.getSQLState()
                        + "). Correct the rows, or leave the column out with column.exclude.list",
                failure);
    }
}
