package io.pgseam.tool.report;

/**
 * What was copied of one relation, by all its chunks.
 *
 * @param startedMs when the first of them was begun, in ms since 1970
 * @param endedMs when the last of them was done, in ms since 1970
 * @param bytes how many bytes of COPY text they had
 */
record CopiedRelation(long startedMs, long endedMs, long bytes) {

    /** Of one chunk. */
    static CopiedRelation of(Timeline.Span span) {
        return new CopiedRelation(span.startedMs(), span.endedMs(), span.bytes());
    }

    /** Of the chunks of both. */
    CopiedRelation and(CopiedRelation other) {
        return new CopiedRelation(
                Math.min(startedMs, other.startedMs), Math.max(endedMs, other.endedMs), bytes + other.bytes);
    }
}
