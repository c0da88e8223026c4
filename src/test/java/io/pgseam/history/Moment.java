package io.pgseam.history;

/** What a step of a history waits for before its delay begins. */
enum Moment {
    /** The connector was created: anchors are being opened. */
    CREATED,
    /** A copy task has said that it has begun. */
    COPYING,
    /** A chunk is copied. */
    HALF_COPIED,
    /** The seam is written. */
    STREAMING;

    /** Whether it has come, by the control topic. */
    boolean hasCome(ControlLog control) {
        return switch (this) {
            case CREATED -> true;
            case COPYING -> control.has("share");
            case HALF_COPIED -> control.has("chunk");
            case STREAMING -> control.has("seam");
        };
    }
}
