package io.pgseam.pg.pgoutput;

/** How much of the old row an {@link Update} or a {@link Delete} brings along. */
public enum OldTuple {
    /** Nothing: an update that left the replica identity as it was. */
    NONE,
    /** The columns of the replica identity; the others stand in the row too, as NULL whatever they were. */
    KEY,
    /** The whole row: REPLICA IDENTITY FULL. */
    FULL;

    static final byte NEW_MARK = 'N';
    static final byte KEY_MARK = 'K';
    static final byte FULL_MARK = 'O';
}
