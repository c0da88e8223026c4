package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Facts.Slot;
import org.jspecify.annotations.Nullable;

/**
 * Where the stream begins on the first start, by the setting {@code stream.begin.lsn}: another connector has sent what was committed
 * before, and its slot has the rest.
 *
 * @param lsn compared with the LSNs of commits, so that no transaction is cut
 */
public record StreamBegin(Lsn lsn) {

    /**
     * Why the stream cannot begin there; null if it can.
     *
     * @param slot the slot that is to be read
     * @param serverLsn the server's position
     */
    public @Nullable String fault(Slot slot, Lsn serverLsn) {
        return switch (slot.state()) {
            case ABSENT -> withoutSlot(slot.name());
            case LOST ->
                "stream.begin.lsn is " + lsn + ", but the server has invalidated replication slot \"" + slot.name()
                        + "\" and removed the WAL after that. To copy the tables instead, remove stream.begin.lsn and drop"
                        + " the slot";
            case USABLE, UNCLAIMED -> positionFault(slot, serverLsn);
        };
    }

    /** What to say if there is no slot of this name. */
    public String withoutSlot(String slot) {
        return "stream.begin.lsn is " + lsn + ", but there is no replication slot \"" + slot
                + "\": changes since then can only be read from a slot that has them. Set slot.name to the slot of the"
                + " connector that was stopped, or copy that slot: SELECT pg_copy_logical_replication_slot('…', '"
                + slot
                + "'). To copy the tables instead, remove stream.begin.lsn";
    }

    /** What to say while the connector before still reads the slot. */
    String inUse(Slot slot) {
        return "replication slot \"" + slot.name()
                + "\" is to be taken over (stream.begin.lsn), and a session still reads it."
                + " Stop the connector before: PUT /connectors/<name>/stop; to pause it is not enough. To see whose session it"
                + " is: SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + slot.name() + "'";
    }

    /** What is done. */
    String takesOver(Slot slot) {
        return "nothing is copied; the stream begins at " + lsn + " (stream.begin.lsn) with replication slot \""
                + slot.name() + "\", confirmed up to " + slot.confirmed();
    }

    private @Nullable String positionFault(Slot slot, Lsn serverLsn) {
        if (slot.confirmed().isAfter(lsn)) {
            return "replication slot \"" + slot.name() + "\" is confirmed up to " + slot.confirmed()
                    + ", which is after stream.begin.lsn " + lsn
                    + ": it has no changes from in between. If the connector that was stopped has sent them, set"
                    + " stream.begin.lsn to " + slot.confirmed()
                    + "; else remove it, drop the slot, and copy the tables";
        }
        if (serverLsn.isBefore(lsn)) {
            return "the server is at " + serverLsn + ", which is before stream.begin.lsn " + lsn
                    + ": changes up to there would be left out. Set it to lsn_commit in the offsets of the connector that"
                    + " was stopped";
        }
        return null;
    }
}
