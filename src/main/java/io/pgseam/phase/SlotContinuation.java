package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Facts.Slot;

/**
 * The word of a person, by the setting {@code slot.continue.lsn}, that a slot has everything though it begins after what is committed:
 * {@code pg_upgrade} creates slots again, and nothing was written in between.
 *
 * <p>It holds only for the slot as it is: while its confirmed LSN is exactly this one, and after what is committed. So it leaves out
 * nothing that the slot has, and is used up with the first commit.
 *
 * @param lsn the confirmed LSN of the slot
 */
public record SlotContinuation(Lsn lsn) {

    /**
     * Whether the stream may continue there.
     *
     * @param confirmed the confirmed LSN of the slot
     * @param position what is committed
     */
    public boolean holds(Lsn confirmed, StreamPosition position) {
        return confirmed.equals(lsn) && lsn.isAfter(position.readFrom()) && position.seam() > 0 && !position.isSplit();
    }

    /** What is done. */
    String continues(Slot slot, StreamPosition position) {
        return "replication slot \"" + slot.name() + "\" was created again, and is confirmed up to " + lsn
                + " (slot.continue.lsn); changes up to " + position.readFrom() + " are committed to Kafka";
    }
}
