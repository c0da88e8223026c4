package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every combination of facts over a small domain, and what has to hold of the phase that follows. */
class PhaseInvariantsTest {

    private static final String SLOT = "pgseam_shop";

    /** Positions that lie before, at and after each other in every way that a decision can tell apart. */
    private static final List<Lsn> POSITIONS = List.of(lsn(1), lsn(2), lsn(3));

    /** For good, or up to an LSN that positions lie before, at and after. */
    private static final List<@Nullable StreamEnd> ENDS = Arrays.asList(null, new StreamEnd(POSITIONS.get(1)));

    private static final List<Gap> GAPS = List.of(
            new Gap("a table has changed", Set.of(), false),
            new Gap("a table has come", Set.of(7L), false),
            new Gap("a table has come", Set.of(7L), true));

    private static Lsn lsn(int step) {
        return new Lsn(step * 0x100L);
    }

    private static List<SlotCase> slots() {
        List<SlotCase> slots = new ArrayList<>();
        slots.add(new SlotCase(new Slot(SLOT, SlotState.ABSENT, Lsn.NONE, false), lsn(4)));
        slots.add(new SlotCase(new Slot(SLOT, SlotState.USABLE, Lsn.NONE, true), lsn(4)));
        for (SlotState state : EnumSet.complementOf(EnumSet.of(SlotState.ABSENT))) {
            for (Lsn confirmed : POSITIONS) {
                slots.add(new SlotCase(new Slot(SLOT, state, confirmed, true), lsn(4)));
                slots.add(new SlotCase(new Slot(SLOT, state, confirmed, false), lsn(2)));
            }
        }
        return slots;
    }

    private static List<@Nullable StreamPosition> streams() {
        List<@Nullable StreamPosition> streams = new ArrayList<>();
        streams.add(null);
        for (Lsn lsn : POSITIONS) {
            for (int caughtUp = 0; caughtUp <= 3; caughtUp++) {
                for (int seam = 0; seam <= caughtUp; seam++) {
                    for (int sequence = 0; sequence <= 1; sequence++) {
                        streams.add(Positions.at(lsn, sequence, caughtUp, seam));
                    }
                    for (Lsn joining : POSITIONS) {
                        if (!joining.isAfter(lsn)) {
                            streams.add(Positions.at(joining, 0, caughtUp, seam)
                                    .split()
                                    .at(TopicGroup.LIVE, Positions.place(lsn, 1)));
                        }
                    }
                    streams.add(Positions.ended(lsn, caughtUp, seam));
                    streams.add(Positions.at(lsn, 0, caughtUp, seam).atEnd(new StreamEnd(lsn)));
                }
            }
        }
        return streams;
    }

    private static List<@Nullable ShareState> shares() {
        List<@Nullable ShareState> shares = new ArrayList<>();
        shares.add(null);
        for (int generation = 1; generation <= 3; generation++) {
            for (Lsn lsn : POSITIONS) {
                shares.add(new ShareState(generation, lsn, "snapshot", null));
            }
        }
        return shares;
    }

    private static List<@Nullable Relay> relays() {
        List<@Nullable Relay> relays = new ArrayList<>();
        relays.add(null);
        for (int generation = 1; generation <= 3; generation++) {
            // A plan at this position, which may be another one than the shares have.
            for (boolean besideStream : new boolean[] {false, true}) {
                relays.add(new Relay(new Anchor(generation, POSITIONS.get(1)), null, besideStream));
                relays.add(new Relay(new Anchor(generation, POSITIONS.get(1)), "lost", besideStream));
            }
        }
        return relays;
    }

    private static List<@Nullable Copy> copies() {
        List<@Nullable Copy> copies = new ArrayList<>();
        for (int generation = 1; generation <= 3; generation++) {
            for (Lsn lsn : POSITIONS) {
                Anchor anchor = new Anchor(generation, lsn);
                for (boolean besideStream : new boolean[] {false, true}) {
                    copies.add(new Copy(anchor, false, null, besideStream, false));
                    copies.add(new Copy(anchor, true, null, besideStream, false));
                    copies.add(new Copy(anchor, false, "rewritten", besideStream, false));
                    copies.add(new Copy(anchor, false, null, besideStream, true));
                }
            }
        }
        return copies;
    }

    private static void forEach(BiConsumer<Facts, Phase> check) {
        List<SlotCase> slots = slots();
        List<@Nullable StreamPosition> streams = streams();
        List<@Nullable ShareState> shares = shares();
        List<@Nullable Relay> relays = relays();
        List<@Nullable Copy> copies = copies();
        for (SnapshotMode mode : SnapshotMode.values()) {
            for (SlotCase slot : slots) {
                for (StreamPosition stream : streams) {
                    for (ShareState share : shares) {
                        for (StreamEnd end : ENDS) {
                            // A leader with a copy of its own looks for none to take over.
                            for (Relay relay : relays) {
                                check(check, mode, slot, stream, share, relay, null, end, null);
                                check(check, mode, slot, stream, share, relay, GAPS.get(0), end, null);
                            }
                            for (Gap gap : GAPS) {
                                check(check, mode, slot, stream, share, null, gap, end, null);
                            }
                            for (Copy copy : copies) {
                                check(check, mode, slot, stream, share, null, null, end, copy);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void check(
            BiConsumer<Facts, Phase> check,
            SnapshotMode mode,
            SlotCase slot,
            @Nullable StreamPosition stream,
            @Nullable ShareState share,
            @Nullable Relay relay,
            @Nullable Gap gap,
            @Nullable StreamEnd end,
            @Nullable Copy copy) {
        Facts facts = new Facts(
                mode,
                slot.slot(),
                slot.serverLsn(),
                false,
                stream,
                share,
                relay,
                gap,
                new StreamLimits(null, end, null),
                copy);
        Phase phase = PhaseDecision.decide(facts);
        try {
            check.accept(facts, phase);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ", but " + facts + " gives " + phase, e);
        }
    }

    private static void hold(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private static boolean isCommitted(Facts facts) {
        return facts.stream() != null || facts.newestShare() != null || facts.relay() != null;
    }

    private static int newestCommitted(Facts facts) {
        StreamPosition stream = facts.stream();
        ShareState share = facts.newestShare();
        Relay relay = facts.relay();
        int newest = Math.max(
                share == null ? 0 : share.generation(),
                relay == null ? 0 : relay.anchor().generation());
        return stream == null ? newest : Math.max(newest, Math.max(stream.caughtUp(), stream.seam()));
    }

    @Test
    void reachesEveryPhase() {
        Map<Class<?>, Long> seen = new HashMap<>();
        forEach((facts, phase) -> seen.merge(phase.getClass(), 1L, Long::sum));
        Set<Class<?>> phases =
                Set.of(Phase.class.getPermittedSubclasses()).stream().collect(Collectors.toSet());
        assertThat(seen.keySet()).isEqualTo(phases);
    }

    @Test
    void isAPureFunction() {
        forEach((facts, phase) ->
                hold(phase.equals(PhaseDecision.decide(facts)), "the same facts give the same phase"));
    }

    @Test
    void streamsOnlyWhenTheCopyIsCompleteOrItsSeamIsCommitted() {
        forEach((facts, phase) -> {
            if (phase instanceof Streaming streaming) {
                Copy copy = facts.copy();
                StreamPosition stream = facts.stream();
                boolean copied =
                        copy != null && copy.complete() && copy.anchor().generation() == streaming.generation();
                boolean seam = copy == null && stream != null && stream.seam() == streaming.generation();
                boolean covered = facts.gap() == null
                        || (stream != null
                                && stream.isSplit()
                                && !facts.gap().added().isEmpty());
                hold(copied || (seam && covered), "I2: streams after the copy only");
                hold(streaming.generation() >= newestCommitted(facts), "I2: of the newest generation");
            }
        });
    }

    @Test
    void neverBeginsAnewOnceAnythingIsCommitted() {
        forEach((facts, phase) -> {
            if (phase instanceof Opening opening) {
                hold(!isCommitted(facts) && facts.copy() == null, "opens only where nothing is committed");
                hold(
                        facts.slot().state() == (opening.replaceSlot() ? SlotState.LOST : SlotState.ABSENT),
                        "drops only a slot that is of no use to anybody");
            }
        });
    }

    @Test
    void takesOverOnlyTheNewestCopyAndOnlyBeforeItsSeam() {
        forEach((facts, phase) -> {
            if (phase instanceof TakingOver takingOver) {
                Relay relay = facts.relay();
                StreamPosition stream = facts.stream();
                int generation = takingOver.anchor().generation();
                hold(facts.copy() == null, "a leader has one copy");
                hold(
                        relay != null && relay.fault() == null && relay.anchor().equals(takingOver.anchor()),
                        "takes over what is there to be taken over");
                hold(generation == newestCommitted(facts), "I2: the newest anchor");
                hold(stream == null || stream.seam() < generation, "only what is not complete");
            }
        });
    }

    @Test
    void haltsOnlyAStreamThatRuns() {
        forEach((facts, phase) -> {
            if (phase instanceof Halting halting) {
                StreamPosition stream = facts.stream();
                boolean besideCopy = isBesideCopy(facts);
                Gap gap = facts.gap();
                boolean differs =
                        gap != null && gap.added().isEmpty() && halting.reason().equals(gap.reason());
                boolean lost =
                        facts.copy() == null && (stream == null || stream.seam() < Math.max(1, newestCommitted(facts)));
                hold(besideCopy || differs || lost, "halts for a reason");
                hold(facts.slot().active(), "waits for a reader of the slot only");
                boolean streaming = stream != null && stream.seam() >= newestCommitted(facts);
                hold(
                        besideCopy || streaming || lost,
                        "halts after the seam, beside a copy, or whoever reads the slot while the copy is lost");
            }
        });
    }

    private static boolean isBesideCopy(Facts facts) {
        Copy copy = facts.copy();
        Relay relay = facts.relay();
        StreamPosition stream = facts.stream();
        return (copy != null && copy.besideStream())
                || (relay != null && relay.besideStream())
                || (copy == null && stream != null && stream.isSplit() && stream.seam() < newestCommitted(facts));
    }

    @Test
    void opensNoAnchorThatAStreamWouldPass() {
        forEach((facts, phase) -> {
            if (phase instanceof Reanchoring) {
                boolean mayStream = isBesideCopy(facts) || facts.copy() == null;
                hold(!mayStream || !facts.slot().active(), "I2: the stream stops first");
            }
        });
    }

    @Test
    void opensNoAnchorBesideASlotThatMayStillVanish() {
        forEach((facts, phase) -> {
            if (facts.slot().confirmed().equals(Lsn.NONE) && facts.slot().state() == SlotState.USABLE) {
                boolean waits = phase instanceof AwaitingSlot && !isCommitted(facts) && facts.copy() == null;
                boolean ended = facts.stream() != null && facts.stream().ended() || phase instanceof StreamedToEnd;
                hold(waits || ended || phase instanceof Failed, "I9, I10: the slot comes first");
            }
        });
    }

    @Test
    void neverUsesANumberTwice() {
        forEach((facts, phase) -> {
            if (phase instanceof Reanchoring reanchoring) {
                hold(reanchoring.generation() > newestCommitted(facts), "a new anchor has a new number");
                hold(reanchoring.generation() > 1, "anchor 1 is the slot's own");
                Copy copy = facts.copy();
                hold(
                        copy == null || reanchoring.generation() > copy.anchor().generation(),
                        "a new anchor is newer than the one at hand");
            }
        });
    }

    @Test
    void copiesAtANewerAnchorOnlyWhereTheStreamStandsExactlyThere() {
        forEach((facts, phase) -> {
            if (phase instanceof Copying copying) {
                StreamPosition stream = facts.stream();
                int generation = copying.anchor().generation();
                hold(facts.copy() != null && facts.copy().over() == null, "copies a plan that fits");
                hold(newestCommitted(facts) <= generation, "copies at the newest anchor");
                hold(
                        generation == 1
                                || (stream != null
                                        && stream.caughtUp() == generation
                                        && !stream.readFrom()
                                                .isBefore(copying.anchor().lsn())),
                        "I4: every change before the anchor comes first");
                hold(
                        stream == null
                                || !stream.place(TopicGroup.LAGGING)
                                        .isPast(copying.anchor().lsn()),
                        "I2: no change at or after the anchor comes first in a topic that is copied to");
            }
        });
    }

    @Test
    void catchesUpOnlyWithAnAnchorThatIsAheadOfTheStream() {
        forEach((facts, phase) -> {
            if (phase instanceof CatchingUp catchingUp) {
                StreamPosition stream = facts.stream();
                Anchor anchor = catchingUp.anchor();
                boolean passedOver = facts.copy() != null
                        && facts.copy().added()
                        && stream != null
                        && stream.caughtUp() < anchor.generation()
                        && !facts.slot().confirmed().isAfter(anchor.lsn());
                hold(
                        stream == null || passedOver || !stream.isPast(anchor.lsn()) || stream.waitsAt(anchor),
                        "I2: no change at or after the anchor is in Kafka");
            }
        });
    }

    @Test
    void opensAnAnchorBesideTheStreamOnlyIfThatPassesTheNewTablesOver() {
        forEach((facts, phase) -> {
            Gap gap = facts.gap();
            if (phase instanceof OpeningBeside opening) {
                hold(gap != null && gap.passedOver(), "I2: no change of the new tables is sent");
                hold(opening.generation() > newestCommitted(facts), "a new anchor has a new number");
            }
            if (phase instanceof OpeningBeside || phase instanceof MakingWay) {
                StreamPosition stream = facts.stream();
                hold(gap != null && !gap.added().isEmpty(), "only for new tables");
                hold(stream != null && stream.seam() >= newestCommitted(facts), "after the seam");
            }
        });
    }

    @Test
    void goesOnWithoutItsSlotNever() {
        forEach((facts, phase) -> {
            boolean unusable =
                    facts.slot().state() == SlotState.ABSENT || facts.slot().state() == SlotState.LOST;
            boolean ended = facts.stream() != null && facts.stream().ended() || phase instanceof StreamedToEnd;
            if (unusable && !ended && (isCommitted(facts) || facts.copy() != null)) {
                hold(phase instanceof Failed, "I10: what the slot had is lost, and that is said");
            }
        });
    }

    @Test
    void namesTheSlotAndAWayOnInEveryFailure() {
        Set<String> reasons = Collections.newSetFromMap(new HashMap<>());
        forEach((facts, phase) -> {
            if (phase instanceof Failed failed) {
                reasons.add(failed.reason());
            }
        });
        assertThat(reasons).isNotEmpty().allSatisfy(reason -> {
            assertThat(reason).containsAnyOf("\"" + SLOT + "\"", "the server is at 0/", "stream.end.lsn 0/");
            assertThat(reason)
                    .containsAnyOf("DELETE /connectors/<name>/offsets", "Set slot.name", "Set a later stream.end.lsn");
            assertThat(reason).doesNotContain(" 0/0 ");
        });
    }

    @Test
    void endsOnlyWhereNothingIsToBeStreamed() {
        forEach((facts, phase) -> {
            if (phase instanceof Ended) {
                boolean ended = facts.stream() != null && facts.stream().ended();
                hold(ended || facts.mode() == SnapshotMode.INITIAL_ONLY, "ends only where asked to");
                hold(ended || facts.copy() != null && facts.copy().complete(), "I5: ends after the copy");
            }
        });
    }

    @Test
    void sendsNothingFromTheEndOnAndRestsOnlyThere() {
        forEach((facts, phase) -> {
            StreamEnd end = facts.limits().end();
            StreamPosition stream = facts.stream();
            if (phase instanceof StreamedToEnd rest) {
                hold(end != null && end.lsn().equals(rest.end()), "rests where it was told to");
                hold(stream != null && stream.lsn().equals(rest.end()), "I5: everything before is sent");
            } else if (end != null && !(phase instanceof Failed) && !(phase instanceof Ended)) {
                hold(stream == null || !stream.isPast(end.lsn()), "the end is still ahead");
                Copy copy = facts.copy();
                boolean early = copy == null || !copy.anchor().lsn().isAfter(end.lsn());
                hold(early, "no row of a later time is copied");
                boolean opens = phase instanceof Opening || phase instanceof Reanchoring;
                hold(!opens || facts.serverLsn().isBefore(end.lsn()), "an anchor is at the server's position");
            }
        });
    }

    private record SlotCase(Slot slot, Lsn serverLsn) {}
}
