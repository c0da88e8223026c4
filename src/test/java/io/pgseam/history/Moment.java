package io.pgseam.history;

import io.pgseam.testing.ControlTopic;
import java.util.stream.IntStream;

/** What a step of a history waits for before its delay begins. */
enum Moment {
    /** The connector was created: anchors are being opened. */
    CREATED,
    /** A copy task has said that it has begun. */
    COPYING,
    /** A chunk is copied. */
    HALF_COPIED,
    /** The seam is written. */
    STREAMING,
    /** Rows are copied again: of a table that has come since the seam, while the others go on. */
    JOINING;

    /** Whether it has come, by the control topic. */
    boolean hasCome(ControlTopic control) {
        return switch (this) {
            case CREATED -> true;
            case COPYING -> control.has("share");
            case HALF_COPIED -> control.has("chunk");
            case STREAMING -> control.has("seam");
            case JOINING ->
                generations(control, "share").max().orElse(0)
                        > generations(control, "seam").min().orElse(Integer.MAX_VALUE);
        };
    }

    private static IntStream generations(ControlTopic control, String type) {
        return control.ofType(type).stream()
                .mapToInt(record -> record.path("generation").asInt());
    }
}
