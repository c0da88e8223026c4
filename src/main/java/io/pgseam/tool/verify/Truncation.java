package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import java.util.Comparator;

/**
 * A TRUNCATE of a topic's table, as the control topic tells of it.
 *
 * @param lsn commit LSN of its transaction
 * @param afterSequence rows of that transaction with a higher {@code __seq} were written after it; -1 if the release that wrote the record did not say
 */
record Truncation(Lsn lsn, long afterSequence) implements Comparable<Truncation> {

    /** Before every row. */
    static final Truncation NONE = new Truncation(Lsn.NONE, -1);

    private static final Comparator<Truncation> ORDER =
            Comparator.comparing(Truncation::lsn).thenComparingLong(Truncation::afterSequence);

    static Truncation of(JsonNode record) {
        return new Truncation(
                Lsn.parse(record.path("lsn").asText()), record.path("after_seq").asLong(-1));
    }

    /** Whether a row of the topic is gone by it. */
    boolean removes(TopicRow row) {
        // A change without a number is in messages without __seq: which came first is not known.
        boolean numbered = row.snapshot() || row.sequence() > 0;
        return row.lsn().isBefore(lsn) || (row.lsn().equals(lsn) && numbered && row.sequence() <= afterSequence);
    }

    @Override
    public int compareTo(Truncation other) {
        return ORDER.compare(this, other);
    }
}
