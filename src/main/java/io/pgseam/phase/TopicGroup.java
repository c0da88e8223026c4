package io.pgseam.phase;

/** While rows are copied to some topics and the others keep streaming, a topic belongs to one of two groups. */
public enum TopicGroup {
    /** Keeps streaming during the copy. */
    LIVE,
    /** Waits at the anchor until the copy is complete, then catches up. */
    LAGGING
}
