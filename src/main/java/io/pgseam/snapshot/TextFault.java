package io.pgseam.snapshot;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Anchor;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table has text that the server cannot send in UTF-8: bytes of another encoding in a database whose encoding is SQL_ASCII, or
 * characters that Unicode does not have. The server's error names neither table nor column.
 */
final class TextFault {

    private static final Logger LOG = LoggerFactory.getLogger(TextFault.class);

    private TextFault() {}

    /**
     * Finds the columns, and lets the chunk convert their text from now on, if that is the policy.
     *
     * @param session has a savepoint to return to; no lock is held afterwards
     * @param chunk whose present stride has failed
     * @param replace whether U+FFFD takes the place of what cannot be converted
     * @throws SQLException if the session is lost
     * @throws ConnectException if a person has to act; the message names table and columns
     */
    static void handle(SnapshotSession session, ChunkReader chunk, Anchor anchor, boolean replace, SQLException failure)
            throws SQLException {
        Set<String> columns = columns(session, chunk);
        String names = columns.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
        TableId table = chunk.planned().relation().relation();
        if (!replace || columns.isEmpty() || !chunk.readUnconverted(columns, session.encoding())) {
            throw new ConnectException(
                    "Cannot copy " + chunk.chunk() + " at " + anchor + ": the server cannot send text of column "
                            + names
                            + " of table " + table + " in UTF-8 (SQLSTATE " + failure.getSQLState()
                            + "). Set text.invalid=replace to have U+FFFD in its place, correct the rows, or leave the column"
                            + " out with column.exclude.list",
                    failure);
        }
        LOG.warn(
                "Values of column {} of table {} cannot be converted from {} to UTF-8, in {}: what is not valid is replaced by U+FFFD"
                        + " (text.invalid=replace). Correct the rows in the source",
                names,
                table,
                session.encoding().name(),
                chunk.chunk());
    }

    /** Reads each column alone. */
    private static Set<String> columns(SnapshotSession session, ChunkReader chunk) throws SQLException {
        Set<String> columns = new TreeSet<>();
        session.release();
        for (PlannedColumn column : chunk.planned().relation().table().columns()) {
            try {
                chunk.readColumn(session, column.name());
            } catch (SQLException e) {
                if (!SqlErrors.isUnconvertible(e)) {
                    throw e;
                }
                columns.add(column.name());
            }
            session.release();
        }
        return columns;
    }
}
