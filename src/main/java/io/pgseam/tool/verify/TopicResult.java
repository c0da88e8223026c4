package io.pgseam.tool.verify;

import java.util.List;

/**
 * What a topic was found to be.
 *
 * @param topic its name
 * @param verdict whether it has just the rows that the manifests claim
 * @param claimed rows that the manifests claim
 * @param found copied rows in it
 * @param redelivered how many of them are there once more, with the same bytes
 * @param earlier how many of them are of a copy that was given up
 * @param changes changes that were read
 * @param repeated how many of them were sent again
 * @param reasons why it is not equal, or what else a reader has to know
 */
public record TopicResult(
        String topic,
        Verdict verdict,
        long claimed,
        long found,
        long redelivered,
        long earlier,
        long changes,
        long repeated,
        List<String> reasons) {

    public TopicResult {
        reasons = List.copyOf(reasons);
    }
}
