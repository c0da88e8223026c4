package io.pgseam.phase;

/**
 * The snapshot of an anchor, as the tasks are given it.
 *
 * @param id under which it can be imported: that of the leader that opened or last gave it; empty for {@link #NONE}
 * @param view what it shows, by which another one of the same id is told apart: a server that was started again gives the same ids again
 * @param openedMs when the anchor was opened, by the source's clock, in ms since the epoch; 0 for {@link #NONE}
 */
public record AnchorSnapshot(String id, String view, long openedMs) {

    /** Where none is needed, or none is left. */
    public static final AnchorSnapshot NONE = new AnchorSnapshot("", "", 0);

    /** The same snapshot under another id. */
    public AnchorSnapshot withId(String other) {
        return new AnchorSnapshot(other, view, openedMs);
    }
}
