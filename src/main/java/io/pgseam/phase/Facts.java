package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that the phase follows from.
 *
 * @param mode the setting {@code snapshot.mode}
 * @param slot the slot on the server
 * @param serverLsn the server's current WAL position: only to be compared with what was committed before, never an anchor
 * @param standby whether the server is a standby: if it is behind what was committed, it comes to that by itself
 * @param stream the committed position of the stream, or null before its first commit
 * @param newestShare what the copy tasks of the newest generation said of themselves, or null where none has committed
 * @param relay the copy that another leader had under way, or null where the ledger has none or this one has its own
 * @param gap how what is captured differs from what copy and stream cover: it takes a new anchor to change that. Null where
 *     it does not differ
 * @param limits where the stream is to begin and to end
 * @param copy the copy that this leader has under way, or null where it holds no snapshot
 */
public record Facts(
        SnapshotMode mode,
        Slot slot,
        Lsn serverLsn,
        boolean standby,
        @Nullable StreamPosition stream,
        @Nullable ShareState newestShare,
        @Nullable Relay relay,
        @Nullable Gap gap,
        StreamLimits limits,
        @Nullable Copy copy) {

    /**
     * How what is captured differs from what copy and stream cover.
     *
     * @param reason in words, with the tables
     * @param added OIDs under which changes of the tables to be added are published. Empty if the difference is more than new tables with
     *     topics of their own: then the stream has to stop before the anchor
     * @param passedOver whether the stream that is at work passes over changes of these tables, and keeps them in the slot
     */
    public record Gap(String reason, Set<Long> added, boolean passedOver) {

        public Gap {
            added = Set.copyOf(added);
        }
    }

    /**
     * The slot as the server shows it.
     *
     * @param name its name
     * @param state what is the matter with it
     * @param confirmed its confirmed LSN; {@link Lsn#NONE} where there is no slot, or one that is still being created
     * @param active whether a session reads it, or is creating it
     * @param invalidation why the server has invalidated it, in the server's word; null if it has not, or does not say
     */
    public record Slot(
            String name,
            SlotState state,
            Lsn confirmed,
            boolean active,
            @Nullable String invalidation) {

        /** A slot that the server has not invalidated. */
        public Slot(String name, SlotState state, Lsn confirmed, boolean active) {
            this(name, state, confirmed, active, null);
        }
    }

    /** Whether the slot can be read. */
    public enum SlotState {
        ABSENT,
        USABLE,
        /** There, but the server removed the WAL that it needs, or invalidated it otherwise. */
        LOST,
        /** There and readable, but nothing says that it was made for this connector. */
        UNCLAIMED
    }

    /**
     * A copy that another leader had under way.
     *
     * @param anchor at which it reads
     * @param fault why it cannot be taken over, or null where nothing speaks against it so far
     * @param besideStream whether a stream task may be at work beside it
     */
    public record Relay(Anchor anchor, @Nullable String fault, boolean besideStream) {}

    /**
     * The copy under way.
     *
     * @param anchor at which it reads
     * @param complete true when the ledger calls every chunk of its plan done
     * @param over why nothing more can be copied at its anchor, or null: its snapshot is lost, its plan no longer fits the source,
     *     or it has become too old
     * @param besideStream whether a stream task may be at work beside it
     * @param added whether its anchor was opened while the stream was passing over the tables that are copied: the stream need not
     *     have stopped at the anchor
     */
    public record Copy(
            Anchor anchor, boolean complete, @Nullable String over, boolean besideStream, boolean added) {}
}
