package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Facts.Copy;
import io.pgseam.phase.Facts.Gap;
import io.pgseam.phase.Facts.Relay;
import io.pgseam.phase.Facts.Slot;
import io.pgseam.phase.Facts.SlotState;
import io.pgseam.phase.Phase.AwaitingSlot;
import io.pgseam.phase.Phase.CatchingUp;
import io.pgseam.phase.Phase.Copying;
import io.pgseam.phase.Phase.Ended;
import io.pgseam.phase.Phase.Failed;
import io.pgseam.phase.Phase.Halting;
import io.pgseam.phase.Phase.MakingWay;
import io.pgseam.phase.Phase.Opening;
import io.pgseam.phase.Phase.OpeningBeside;
import io.pgseam.phase.Phase.Reanchoring;
import io.pgseam.phase.Phase.StreamedToEnd;
import io.pgseam.phase.Phase.Streaming;
import io.pgseam.phase.Phase.TakingOver;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides the phase from the facts. A pure function: the same facts give the same phase, with any leader. */
public final class PhaseDecision {

    private PhaseDecision() {}

    /** The phase that follows from these facts. */
    public static Phase decide(Facts facts) {
        StreamPosition stream = facts.stream();
        if (stream != null && stream.ended()) {
            return new Ended(stream.seam());
        }
        StreamEnd end = facts.limits().end();
        if (end != null && stream != null && end.isReachedBy(stream)) {
            return new StreamedToEnd(stream.seam(), end.lsn());
        }
        String reason = reasonNotToGoOn(facts);
        if (reason != null) {
            return new Failed(reason);
        }
        Copy copy = facts.copy();
        Phase phase = copy != null ? withSnapshot(facts, copy) : withoutSnapshot(facts);
        String missed = end == null ? null : missed(end, facts, phase);
        return missed == null ? phase : new Failed(missed);
    }

    /** Why the stream cannot end where it is to, because what is in Kafka, or would be, is of a later time; else null. */
    private static @Nullable String missed(StreamEnd end, Facts facts, Phase phase) {
        StreamPosition stream = facts.stream();
        if (stream != null && end.isPassedBy(stream)) {
            return end.passed(stream);
        }
        Copy copy = facts.copy();
        if (copy != null && end.lsn().isBefore(copy.anchor().lsn())) {
            return end.isBefore(copy.anchor());
        }
        String reason = reasonForAnAnchor(phase);
        return reason == null || facts.serverLsn().isBefore(end.lsn())
                ? null
                : end.noAnchorBefore(facts.serverLsn(), reason);
    }

    /** Why the next step is, or leads to, a new anchor; null where it is not. */
    private static @Nullable String reasonForAnAnchor(Phase phase) {
        if (phase instanceof Opening) {
            return "nothing is copied yet";
        }
        if (phase instanceof Halting halting) {
            return halting.reason();
        }
        if (phase instanceof MakingWay makingWay) {
            return makingWay.reason();
        }
        if (phase instanceof OpeningBeside opening) {
            return opening.reason();
        }
        return phase instanceof Reanchoring reanchoring ? reanchoring.reason() : null;
    }

    private static Phase withSnapshot(Facts facts, Copy copy) {
        Anchor anchor = copy.anchor();
        StreamPosition stream = facts.stream();
        int newest = newestGeneration(facts);
        String unusable = reasonNotToCopy(facts, copy, newest);
        if (unusable != null) {
            int next = Math.max(newest, anchor.generation()) + 1;
            return reanchoring(facts, next, unusable, copy.besideStream());
        }
        if (!anchor.isReachedBy(stream)) {
            return new CatchingUp(anchor);
        }
        if (!copy.complete()) {
            return new Copying(anchor);
        }
        return facts.mode() == SnapshotMode.INITIAL_ONLY
                ? new Ended(anchor.generation())
                : new Streaming(anchor.generation());
    }

    /** Why no row may be copied at the anchor at hand; null where nothing speaks against it. */
    private static @Nullable String reasonNotToCopy(Facts facts, Copy copy, int newest) {
        Anchor anchor = copy.anchor();
        StreamPosition stream = facts.stream();
        if (copy.over() != null) {
            return copy.over();
        }
        if (newest > anchor.generation()) {
            return "anchor " + newest + " was opened after " + anchor + ", which is therefore given up";
        }
        if (stream == null || !stream.isPast(anchor)) {
            return null;
        }
        if (copy.added() && stream.caughtUp() < anchor.generation()) {
            // What the stream has sent is of other tables. Those that are copied lag from the anchor on, if the slot
            // still
            // has what was committed since.
            Slot slot = facts.slot();
            return slot.confirmed().isAfter(anchor.lsn())
                    ? "replication slot \"" + slot.name() + "\" is confirmed up to " + slot.confirmed() + ", past "
                            + anchor
                    : null;
        }
        boolean copied = copy.complete() && stream.seam() == anchor.generation() && stream.hasReached(anchor);
        if (!copied) {
            // Invariants I2 and I4: its rows would stand behind changes that are newer.
            return "the stream is past " + anchor + " already, at " + stream.lsn();
        }
        return null;
    }

    private static Phase withoutSnapshot(Facts facts) {
        int newest = newestGeneration(facts);
        if (newest == 0) {
            return withoutOffsets(facts);
        }
        StreamPosition stream = facts.stream();
        if (stream != null && continues(facts)) {
            String reason =
                    Objects.requireNonNull(facts.limits().continuation()).continues(facts.slot(), stream);
            return new Reanchoring(newest + 1, reason, true);
        }
        if (stream != null && stream.seam() >= newest) {
            return streaming(facts, stream.seam());
        }
        Relay relay = facts.relay();
        if (relay == null || relay.anchor().generation() != newest) {
            String gone = "the copy at anchor " + newest
                    + " is not complete, and its snapshot is gone with the leader that held it";
            return reanchoring(facts, newest + 1, gone, true);
        }
        // The session that reads the slot may stream, beside a copy or past a seam whose offset is not committed yet.
        return relay.fault() == null
                ? new TakingOver(relay.anchor())
                : reanchoring(facts, newest + 1, relay.fault(), true);
    }

    /**
     * While an earlier run is creating the slot, it is to be seen, but will vanish where the creation is given up: only a slot that
     * its session has let go of will stay.
     */
    private static Phase withoutOffsets(Facts facts) {
        Slot slot = facts.slot();
        StreamBegin begin = facts.limits().begin();
        if (begin != null) {
            String fault = begin.fault(slot, facts.serverLsn());
            if (fault != null) {
                return new Failed(fault);
            }
        }
        if (slot.state() != SlotState.USABLE) {
            return new Opening(slot.state() != SlotState.ABSENT);
        }
        if (slot.active()) {
            return new AwaitingSlot(begin == null ? inUse(slot) : begin.inUse(slot));
        }
        return new Reanchoring(2, begin == null ? begunBefore(slot) : begin.takesOver(slot));
    }

    private static String inUse(Slot slot) {
        return "nothing is committed yet, and a session has replication slot \"" + slot.name()
                + "\": an earlier run is creating it still, for which it waits for older transactions, or is about to let go"
                + " of it. To see whose it is: SELECT active_pid FROM pg_replication_slots WHERE slot_name = '"
                + slot.name()
                + "'; to end it: pg_terminate_backend";
    }

    /** A stream that is at work has to stop first, or it would be past the new anchor. */
    private static Phase reanchoring(Facts facts, int generation, String reason, boolean besideStream) {
        return besideStream && facts.slot().active() ? new Halting(reason) : new Reanchoring(generation, reason);
    }

    private static Phase streaming(Facts facts, int seam) {
        Gap gap = facts.gap();
        StreamPosition stream = facts.stream();
        boolean stillLags = stream != null && stream.isSplit();
        if (gap == null || (stillLags && !gap.added().isEmpty())) {
            // One split at a time: what was added before catches up first.
            return new Streaming(seam);
        }
        int next = newestGeneration(facts) + 1;
        if (gap.added().isEmpty()) {
            return reanchoring(facts, next, gap.reason(), true);
        }
        return gap.passedOver()
                ? new OpeningBeside(next, gap.added(), gap.reason())
                : new MakingWay(seam, gap.added(), gap.reason());
    }

    /**
     * The connector's slot without a committed offset: a run ended before its first commit of offsets. Rows that it copied may
     * stand in Kafka, and tasks of it may still commit chunks; the changes since are in this slot and nowhere else (I9). So
     * the slot counts as anchor 1, and is not replaced.
     */
    private static String begunBefore(Slot slot) {
        return "replication slot \"" + slot.name() + "\" exists, confirmed up to " + slot.confirmed()
                + ", but nothing is committed: an earlier run ended before it committed offsets, and its snapshot is gone";
    }

    /** The newest generation that anything committed speaks of; 0 where nothing is committed. */
    private static int newestGeneration(Facts facts) {
        ShareState share = facts.newestShare();
        Relay relay = facts.relay();
        StreamPosition stream = facts.stream();
        int ofCopy = Math.max(
                share == null ? 0 : share.generation(),
                relay == null ? 0 : relay.anchor().generation());
        // A stream that is on its way to its first anchor has caught up with none, but has begun: there was an anchor
        // 1.
        int ofStream = stream == null ? 0 : Math.max(1, Math.max(stream.caughtUp(), stream.seam()));
        return Math.max(ofCopy, ofStream);
    }

    /** Invariant I10: what the slot and the server say must fit what is committed, before a single record is made. */
    private static @Nullable String reasonNotToGoOn(Facts facts) {
        Slot slot = facts.slot();
        boolean begun = newestGeneration(facts) > 0;
        if (!begun && facts.copy() == null) {
            return slot.state() == SlotState.UNCLAIMED ? unclaimed(slot) : null;
        }
        return switch (slot.state()) {
            case ABSENT -> SlotFaults.gone(slot.name(), committed(facts), facts.standby());
            case LOST -> SlotFaults.lost(slot.name(), committed(facts), slot.invalidation());
            // One that is being created has nothing of what was committed before.
            case USABLE, UNCLAIMED ->
                slot.confirmed().equals(Lsn.NONE)
                        ? SlotFaults.gone(slot.name(), committed(facts), facts.standby())
                        : positionFault(facts);
        };
    }

    private static String unclaimed(Slot slot) {
        return "replication slot \"" + slot.name()
                + "\" exists already, nothing says that it was made for this connector, and"
                + " no offsets are committed. Set slot.name to another name, or, if nobody needs the slot, drop it: SELECT"
                + " pg_drop_replication_slot('" + slot.name() + "')";
    }

    private static @Nullable String positionFault(Facts facts) {
        Slot slot = facts.slot();
        Lsn committed = committed(facts);
        StreamPosition stream = facts.stream();
        Lsn readFrom = stream == null || hasNothing(stream) ? committed : stream.readFrom();
        if (slot.confirmed().isAfter(readFrom)) {
            return continues(facts) ? null : SlotFaults.ahead(slot.name(), slot.confirmed(), readFrom);
        }
        if (facts.serverLsn().isBefore(committed) && !facts.standby()) {
            return SlotFaults.serverBehind(slot.name(), facts.serverLsn(), committed);
        }
        return null;
    }

    /** Whether the slot begins after what is committed, and a person says that nothing is missing in between. */
    private static boolean continues(Facts facts) {
        SlotContinuation continuation = facts.limits().continuation();
        StreamPosition stream = facts.stream();
        return continuation != null
                && stream != null
                && continuation.holds(facts.slot().confirmed(), stream);
    }

    /**
     * Whether the stream has begun on its way to its first anchor, and has no change yet: its place is before everything. What a
     * heartbeat committed so says nothing of the slot.
     */
    private static boolean hasNothing(StreamPosition stream) {
        return stream.lsn().equals(Lsn.NONE);
    }

    /** The LSN before which everything is in Kafka or is read from a snapshot. */
    private static Lsn committed(Facts facts) {
        if (facts.stream() != null && !hasNothing(facts.stream())) {
            return facts.stream().lsn();
        }
        Anchor anchor = newestAnchor(facts);
        if (anchor != null
                && (anchor.generation() == 1 || facts.slot().confirmed().equals(Lsn.NONE))) {
            return anchor.lsn();
        }
        return facts.slot().confirmed();
    }

    private static @Nullable Anchor newestAnchor(Facts facts) {
        if (facts.copy() != null) {
            return facts.copy().anchor();
        }
        ShareState share = facts.newestShare();
        Relay relay = facts.relay();
        if (relay != null && (share == null || relay.anchor().generation() >= share.generation())) {
            return relay.anchor();
        }
        return share == null ? null : new Anchor(share.generation(), share.anchorLsn());
    }
}
