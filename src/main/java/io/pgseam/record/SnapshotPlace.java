package io.pgseam.record;

/** Where a copied row stands in the copy, by the plan; tasks run side by side, so others may be sent before it. */
public enum SnapshotPlace {
    /** The first row of the first chunk of all. */
    FIRST,
    /** The first row of a table's first chunk. */
    FIRST_OF_TABLE,
    /** Anywhere else. */
    WITHIN
}
