package io.pgseam.tool.verify;

import java.util.List;

/**
 * How a table compares with its topic.
 *
 * @param table its name
 * @param topic its topic
 * @param verdict whether the topic, applied by key, gives the table
 * @param sourceRows rows of the table
 * @param messages rows of the topic that were applied
 * @param missing rows that only the table has
 * @param extra rows that only the topic has
 * @param different rows whose values differ
 * @param older rows that differ, and were sent before a column was added
 * @param differences the first of them
 * @param reasons what else a reader has to know
 */
public record TableResult(
        String table,
        String topic,
        Verdict verdict,
        long sourceRows,
        long messages,
        long missing,
        long extra,
        long different,
        long older,
        List<Difference> differences,
        List<String> reasons) {

    public TableResult {
        differences = List.copyOf(differences);
        reasons = List.copyOf(reasons);
    }
}
