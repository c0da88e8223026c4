package io.pgseam.tool.verify;

import java.util.List;

/**
 * How a table compares with its table in a target.
 *
 * @param table its name
 * @param target the name of the table there, with its database
 * @param verdict whether they are equal
 * @param sourceRows rows of the table
 * @param targetRows rows of the table there, without those that are marked as deleted
 * @param lookedUp rows that were compared once more, each by its key, because they had changed or were not equal
 * @param missing rows that only the source has
 * @param extra rows that only the target has
 * @param different rows whose values differ
 * @param moving rows that were changed whenever they were looked at
 * @param columns how each column was compared
 * @param differences the first of them
 * @param reasons what else a reader has to know
 */
public record TargetResult(
        String table,
        String target,
        Verdict verdict,
        long sourceRows,
        long targetRows,
        long lookedUp,
        long missing,
        long extra,
        long different,
        long moving,
        List<ColumnMatch> columns,
        List<TargetDifference> differences,
        List<String> reasons) {

    public TargetResult {
        columns = List.copyOf(columns);
        differences = List.copyOf(differences);
        reasons = List.copyOf(reasons);
    }

    /** A table that cannot be compared. */
    public static TargetResult without(String table, String target, Verdict verdict, String reason) {
        return new TargetResult(table, target, verdict, 0, 0, 0, 0, 0, 0, 0, List.of(), List.of(), List.of(reason));
    }
}
