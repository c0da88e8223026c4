package io.pgseam.tool.report;

import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Everything that a report tells.
 *
 * @param connector {@code topic.prefix}
 * @param source where the rows come from, for people; without credentials
 * @param log what the control topic says of the connector's state
 * @param timeline what it says of the time
 * @param proofs what verify has found
 * @param extents by topic, by partition: which records Kafka has now
 * @param now when the report is made
 * @param toolVersion the version that makes it
 */
public record CopyReport(
        String connector,
        String source,
        ConnectorLog log,
        Timeline timeline,
        List<Proof> proofs,
        Map<String, Map<Integer, Extent>> extents,
        Instant now,
        String toolVersion) {

    public CopyReport {
        proofs = List.copyOf(proofs);
    }

    /** Whether the copy can be signed off. */
    public Assessment assessment() {
        return Assessment.of(this);
    }

    /** How many rows of the newest complete copy are in no topic. */
    long leftOut() {
        List<Timeline.SeamMark> seams = timeline.seams();
        return seams.isEmpty() ? 0 : seams.get(seams.size() - 1).leftOut();
    }
}
