package io.pgseam.snapshot;

import io.pgseam.pg.TableId;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import java.util.stream.Collectors;

/** Writes the COPY of a range of blocks of one relation. */
final class CopyStatement {

    private final String prefix;
    private final String suffix;

    /**
     * @param table names the columns and the publication's row filter, which hold for the copy as for the
     *     stream
     * @param relation the relation that holds the rows; ONLY, for others may inherit from it
     */
    CopyStatement(PlannedTable table, TableId relation) {
        String columns = table.columns().stream()
                .map(PlannedColumn::name)
                .map(TableId::quoteIdentifier)
                .collect(Collectors.joining(", "));
        this.prefix = "COPY (SELECT " + columns + " FROM ONLY " + relation.quoted() + " WHERE ctid >= '(";
        this.suffix = (table.rowFilter() == null ? "" : " AND (" + table.rowFilter() + ")") + ") TO STDOUT";
    }

    /**
     * The rows of blocks {@code [first, end)}, in the order of their ctid.
     *
     * @param open true for no end: whatever follows is read too
     */
    String forBlocks(long first, long end, boolean open) {
        return prefix + first + ",0)'::tid" + (open ? "" : " AND ctid < '(" + end + ",0)'::tid") + suffix;
    }
}
