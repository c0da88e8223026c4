package io.pgseam.record;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the records of a table in the output format that the user chose. */
@FunctionalInterface
public interface TableRecordsFactory {

    /**
     * Makes the records of one table with one set of columns.
     *
     * @param table the table's name, which also names its topic
     * @param columns its captured columns, in the order of the fields of every row that will be given
     * @throws SQLException where the format needs to know more of the table, and the source does not answer
     */
    TableRecords recordsOf(TableId table, List<Column> columns) throws SQLException;

    /**
     * The same of a table that may be a partition.
     *
     * @param above the tables that it is a partition of, at any depth
     * @throws SQLException as of {@link #recordsOf(TableId, List)}
     */
    default TableRecords recordsOf(TableId table, List<TableId> above, List<Column> columns) throws SQLException {
        return recordsOf(table, columns);
    }

    /** Where the rows of all its tables go; null if each row is a record of its own. What wraps a factory has to pass it on. */
    default @Nullable RowPack pack() {
        return null;
    }
}
