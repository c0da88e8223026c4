package io.pgseam.tool.verify;

import io.pgseam.pg.Column;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.tool.dialect.TargetColumn;
import io.pgseam.tool.target.DatabaseKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A captured table and its table in a target, as far as both have the same columns.
 *
 * @param source the captured table
 * @param kind what the target is
 * @param database the database there
 * @param name the table there
 * @param columns the columns that are compared, in the order of the captured table
 * @param keys places in {@code columns} of those that name a row, in the order of the key; empty if nothing names a row
 * @param absent columns that the target does not have
 * @param sequenced whether the target has {@code __seq}
 * @param marked whether the target has {@code __deleted}
 */
public record ComparedTable(
        CapturedTable source,
        DatabaseKind kind,
        String database,
        String name,
        List<ColumnMatch> columns,
        List<Integer> keys,
        List<String> absent,
        boolean sequenced,
        boolean marked) {

    static final String LSN = "__lsn";
    static final String SEQUENCE = "__seq";
    static final String DELETED = "__deleted";

    public ComparedTable {
        columns = List.copyOf(columns);
        keys = List.copyOf(keys);
        absent = List.copyOf(absent);
    }

    /**
     * Finds out what can be compared.
     *
     * @param wanted the columns that the table has to have there, those of the key first, in the order of the key
     * @param found types by column, as {@link io.pgseam.tool.target.TargetColumns} has them
     */
    public static ComparedTable of(
            CapturedTable source,
            List<TargetColumn> wanted,
            DatabaseKind kind,
            String database,
            String name,
            Map<String, String> found) {
        List<ColumnMatch> matches = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        for (Column captured : source.columns()) {
            String type = found.get(captured.name());
            if (type == null) {
                absent.add(captured.name());
            } else {
                wanted.stream()
                        .filter(column -> column.name().equals(captured.name()))
                        .forEach(column -> matches.add(ColumnMatch.of(column, type, kind)));
            }
        }
        List<Integer> keys = new ArrayList<>();
        for (TargetColumn column : wanted) {
            for (int i = 0; i < matches.size(); i++) {
                if (column.key() && matches.get(i).column().name().equals(column.name())) {
                    keys.add(i);
                }
            }
        }
        return new ComparedTable(
                source,
                kind,
                database,
                name,
                matches,
                keys,
                absent,
                found.containsKey(SEQUENCE),
                found.containsKey(DELETED));
    }

    /** Whether columns name a row. If not, rows are compared as a multiset. */
    boolean keyed() {
        return !keys.isEmpty();
    }

    /** Fields of a row that the target is asked for. */
    int fields() {
        return columns.size() + 1 + (sequenced ? 1 : 0) + (marked ? 1 : 0);
    }
}
