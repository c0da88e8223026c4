package io.pgseam.snapshot;

import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.TableId;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the COPY of a range of blocks of one relation. */
final class CopyStatement {

    private final String prefix;
    private final String suffix;

    /**
     * @param table names the columns and the publication's row filter, which hold for the copy as for the
     *     stream
     * @param relation the relation that holds the rows; ONLY, because others may inherit from it
     * @param oid its OID: if the name leads to another relation, none of its rows are read (invariant I16)
     */
    CopyStatement(PlannedTable table, TableId relation, long oid) {
        this(table, relation, oid, "", Set.of());
    }

    /**
     * @param condition SQL by which rows are chosen; empty for every row
     * @param unconverted names of the columns whose text the server is not to convert
     */
    CopyStatement(PlannedTable table, TableId relation, long oid, String condition, Set<String> unconverted) {
        this(
                table,
                table.columns().stream()
                        .map(PlannedColumn::name)
                        .map(name -> unconverted.contains(name)
                                ? DatabaseEncoding.unconverted(TableId.quoteIdentifier(name))
                                : TableId.quoteIdentifier(name))
                        .collect(Collectors.joining(", ")),
                relation,
                oid,
                condition);
    }

    private CopyStatement(PlannedTable table, String columns, TableId relation, long oid, String condition) {
        this.prefix = "COPY (SELECT " + columns + " FROM ONLY " + relation.quoted() + " WHERE ctid >= '(";
        this.suffix = ",0)'::tid AND tableoid = " + oid
                + (table.rowFilter() == null ? "" : " AND (" + table.rowFilter() + ")")
                + (condition.isEmpty() ? "" : " AND (" + condition + ")") + ") TO STDOUT";
    }

    /** Reads nothing but one column. */
    static CopyStatement ofColumn(PlannedRelation relation, String column) {
        return new CopyStatement(
                relation.table(), TableId.quoteIdentifier(column), relation.relation(), relation.oid(), "");
    }

    /** The rows of blocks {@code [first, end)}, in the order of their ctid. */
    String forBlocks(long first, long end) {
        return prefix + first + ",0)'::tid AND ctid < '(" + end + suffix;
    }
}
