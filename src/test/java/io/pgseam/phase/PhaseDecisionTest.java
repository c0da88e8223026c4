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
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each branch by itself; what holds over all of them together is in {@link PhaseInvariantsTest}. */
class PhaseDecisionTest {

    private static final Lsn L1 = Lsn.parse("0/100");
    private static final Lsn L2 = Lsn.parse("0/200");
    private static final Lsn L3 = Lsn.parse("0/300");
    private static final Lsn SERVER = Lsn.parse("0/900");

    private SnapshotMode mode = SnapshotMode.INITIAL;
    private Slot slot = new Slot("pgseam_shop", SlotState.USABLE, L1, false);
    private Lsn serverLsn = SERVER;
    private @Nullable StreamPosition stream;
    private @Nullable ShareState share;
    private @Nullable Relay relay;
    private @Nullable Gap gap;
    private @Nullable StreamEnd end;
    private @Nullable Copy copy;

    private Phase decide() {
        return PhaseDecision.decide(new Facts(
                mode, slot, serverLsn, false, stream, share, relay, gap, new StreamLimits(null, end, null), copy));
    }

    private void slotIs(SlotState state, Lsn confirmed) {
        slot = new Slot("pgseam_shop", state, confirmed, false);
    }

    private void noSlot() {
        slotIs(SlotState.ABSENT, Lsn.NONE);
    }

    private static Copy copy(int generation, Lsn lsn, boolean complete) {
        return new Copy(new Anchor(generation, lsn), complete, null, false, false);
    }

    @Test
    void stopsTheStreamBesideACopyBeforeANewerAnchor() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        stream = Positions.at(L1, 0, 2, 1).split().at(TopicGroup.LIVE, Positions.place(L3, 1));
        copy = new Copy(new Anchor(2, L1), false, null, true, false);
        assertThat(decide()).isEqualTo(new Copying(new Anchor(2, L1)));
        copy = new Copy(new Anchor(2, L1), false, "too old", true, false);
        assertThat(decide()).isEqualTo(new Halting("too old"));
        slotIs(SlotState.USABLE, L1);
        assertThat(decide()).isEqualTo(new Reanchoring(3, "too old"));
        copy = null;
        relay = new Relay(new Anchor(2, L1), "lost", true);
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        assertThat(decide()).isEqualTo(new Halting("lost"));
    }

    @Test
    void failsWhereTheSlotIsPastTopicsThatWaitForTheirCopy() {
        slotIs(SlotState.USABLE, L2);
        stream = Positions.at(L1, 0, 2, 1).split().at(TopicGroup.LIVE, Positions.place(L3, 1));
        copy = new Copy(new Anchor(2, L1), false, null, true, false);
        assertThat(decide()).isInstanceOf(Failed.class);
    }

    private static ShareState share(int generation, Lsn lsn) {
        return new ShareState(generation, lsn, "00000003-1", null);
    }

    private static StreamPosition stream(Lsn lsn, int caughtUp, int seam) {
        return Positions.at(lsn, 0, caughtUp, seam);
    }

    private <T extends Phase> T decideFor(Class<T> phase) {
        return phase.cast(assertThat(decide()).isInstanceOf(phase).actual());
    }

    private String failure() {
        return decideFor(Failed.class).reason();
    }

    private Reanchoring reanchoring() {
        return decideFor(Reanchoring.class);
    }

    @Test
    void opensTheFirstAnchorWhereNothingExists() {
        noSlot();
        assertThat(decide()).isEqualTo(new Opening(false));
    }

    @Test
    void replacesALostSlotWhereNothingIsCommitted() {
        slotIs(SlotState.LOST, L1);
        assertThat(decide()).isEqualTo(new Opening(true));
    }

    @Test
    void keepsAUsableSlotOfARunThatCommittedNothing() {
        // Rows of that run may stand in Kafka all the same: their deletes are in this slot only (I9).
        Reanchoring phase = reanchoring();
        assertThat(phase.generation()).isEqualTo(2);
        assertThat(phase.reason()).contains("pgseam_shop", L1.toString(), "nothing is committed");
    }

    @Test
    void catchesUpFromAKeptSlotBeforeItCopies() {
        copy = copy(2, L2, false);
        assertThat(decide()).isEqualTo(new CatchingUp(new Anchor(2, L2)));
    }

    @Test
    void waitsUntilAnEarlierRunHasLetGoOfTheSlot() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, Lsn.NONE, true);
        assertThat(decideFor(AwaitingSlot.class).reason()).contains("pgseam_shop", "creating");
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        assertThat(decide()).isInstanceOf(AwaitingSlot.class);
        slotIs(SlotState.USABLE, L1);
        assertThat(decide()).isInstanceOf(Reanchoring.class);
    }

    @Test
    void takesNoSlotForItsOwnThatIsBeingCreatedOnceSomethingIsCommitted() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, Lsn.NONE, true);
        stream = stream(L2, 1, 1);
        assertThat(failure()).contains("is gone", L2.toString());
    }

    @Test
    void leavesASlotOfSomebodyElseAlone() {
        slotIs(SlotState.UNCLAIMED, L1);
        assertThat(failure()).contains("pgseam_shop", "slot.name", "pg_drop_replication_slot('pgseam_shop')");
    }

    @Test
    void copiesAtTheFirstAnchorWithoutCatchingUp() {
        copy = copy(1, L1, false);
        assertThat(decide()).isEqualTo(new Copying(new Anchor(1, L1)));
    }

    @Test
    void streamsWhenTheCopyIsComplete() {
        copy = copy(1, L1, true);
        assertThat(decide()).isEqualTo(new Streaming(1));
    }

    @Test
    void endsWhenTheCopyIsCompleteAndNothingIsToBeStreamed() {
        mode = SnapshotMode.INITIAL_ONLY;
        copy = copy(1, L1, true);
        assertThat(decide()).isEqualTo(new Ended(1));
    }

    @Test
    void opensANewerAnchorWhereThePlanNoLongerFits() {
        copy = new Copy(new Anchor(1, L1), false, "table public.orders was rewritten", false, false);
        assertThat(decide()).isEqualTo(new Reanchoring(2, "table public.orders was rewritten"));
    }

    @Test
    void opensANewerAnchorWhereNobodyHoldsTheSnapshot() {
        share = share(1, L1);
        Reanchoring phase = reanchoring();
        assertThat(phase.generation()).isEqualTo(2);
        assertThat(phase.reason()).contains("anchor 1");
    }

    @Test
    void takesOverTheCopyThatAnotherLeaderHadUnderWay() {
        share = share(1, L1);
        relay = new Relay(new Anchor(1, L1), null, false);
        assertThat(decide()).isEqualTo(new TakingOver(new Anchor(1, L1)));
        stream = stream(L3, 2, 0);
        share = share(2, L3);
        relay = new Relay(new Anchor(2, L3), null, false);
        assertThat(decide()).isEqualTo(new TakingOver(new Anchor(2, L3)));
    }

    @Test
    void opensANewerAnchorWhereTheCopyCannotBeTakenOver() {
        share = share(1, L1);
        relay = new Relay(new Anchor(1, L1), "nobody holds its snapshot", false);
        assertThat(decide()).isEqualTo(new Reanchoring(2, "nobody holds its snapshot"));
    }

    @Test
    void takesNoCopyOverThatIsNotOfTheNewestAnchor() {
        // The stream has caught up with a newer one since.
        stream = stream(L3, 2, 0);
        share = share(1, L1);
        relay = new Relay(new Anchor(1, L1), null, false);
        assertThat(reanchoring().generation()).isEqualTo(3);
    }

    @Test
    void takesNothingOverOnceTheSeamIsPassed() {
        stream = stream(L2, 1, 1);
        share = share(1, L1);
        relay = new Relay(new Anchor(1, L1), null, false);
        assertThat(decide()).isEqualTo(new Streaming(1));
    }

    @Test
    void waitsForAStreamWhoseSeamIsNotCommittedYet() {
        // The settings were changed just then: the stream has begun, and its offsets are still to come.
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        share = share(1, L1);
        relay = new Relay(new Anchor(1, L1), "the settings have changed", false);
        assertThat(decide()).isEqualTo(new Halting("the settings have changed"));
        slotIs(SlotState.USABLE, L1);
        assertThat(decide()).isEqualTo(new Reanchoring(2, "the settings have changed"));
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        relay = null;
        assertThat(decide()).as("its snapshot is gone, too").isInstanceOf(Halting.class);
    }

    @Test
    void opensANewerAnchorWhereTheStreamWasCatchingUpAndNoCopyHadBegun() {
        slotIs(SlotState.USABLE, L1);
        stream = stream(L2, 0, 0);
        assertThat(decide()).isInstanceOf(Reanchoring.class);
    }

    @Test
    void catchesUpBeforeItCopiesAtANewerAnchor() {
        stream = stream(L2, 1, 0);
        copy = copy(2, L3, false);
        assertThat(decide()).isEqualTo(new CatchingUp(new Anchor(2, L3)));
    }

    @Test
    void copiesAtANewerAnchorOnceTheStreamHasReachedIt() {
        stream = stream(L3, 2, 0);
        copy = copy(2, L3, false);
        assertThat(decide()).isEqualTo(new Copying(new Anchor(2, L3)));
    }

    @Test
    void doesNotTakeAnotherAnchorOfTheSameNumberForTheOneAtHand() {
        // A task of the leader before this one has caught up with its anchor 2, which stood earlier in the log.
        stream = stream(L2, 2, 0);
        copy = copy(2, L3, false);
        assertThat(decide()).isEqualTo(new CatchingUp(new Anchor(2, L3)));
    }

    @Test
    void opensYetAnotherAnchorWhereTheStreamIsPastTheOneAtHand() {
        // Rows of that anchor would stand behind newer changes (I4).
        stream = stream(L3, 1, 1);
        copy = copy(2, L2, false);
        Reanchoring phase = reanchoring();
        assertThat(phase.generation()).isEqualTo(3);
        assertThat(phase.reason()).contains(L2.toString(), L3.toString());
    }

    @Test
    void opensYetAnotherAnchorWhereAChangeAtTheAnchorItselfIsCommitted() {
        stream = Positions.at(L2, 1, 1, 1);
        copy = copy(2, L2, false);
        assertThat(decide()).isInstanceOf(Reanchoring.class);
    }

    @Test
    void goesOnStreamingAfterTheSeam() {
        slotIs(SlotState.USABLE, L2);
        stream = stream(L3, 2, 2);
        share = share(2, L2);
        assertThat(decide()).isEqualTo(new Streaming(2));
    }

    @Test
    void stopsTheStreamBeforeItOpensAnAnchorForTablesThatHaveCome() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        stream = stream(L2, 1, 1);
        gap = new Gap("not copied yet: public.added", Set.of(), false);
        assertThat(decide()).isEqualTo(new Halting(gap.reason()));
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, false);
        assertThat(decide()).isEqualTo(new Reanchoring(2, gap.reason()));
    }

    @Test
    void opensAnAnchorForNewTablesWhileTheStreamPassesThemOver() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        stream = stream(L2, 1, 1);
        gap = new Gap("not copied yet: public.added", Set.of(4711L), false);
        assertThat(decide()).isEqualTo(new MakingWay(1, Set.of(4711L), gap.reason()));
        stream = stream(L1, 1, 1).split().at(TopicGroup.LIVE, Positions.place(L2, 1));
        assertThat(decide()).as("one split at a time").isEqualTo(new Streaming(1));
        stream = stream(L2, 1, 1);
        gap = new Gap(gap.reason(), gap.added(), true);
        assertThat(decide()).isEqualTo(new OpeningBeside(2, Set.of(4711L), gap.reason()));
        end = new StreamEnd(L3);
        assertThat(failure()).as("no anchor once the server is past the end").contains("stream.end.lsn 0/300");
    }

    @Test
    void goesOnPastAnAnchorForNewTables() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        Anchor anchor = new Anchor(2, L2);
        copy = new Copy(anchor, false, null, true, true);
        stream = stream(L1, 1, 1);
        assertThat(decide()).as("the others are not there yet").isEqualTo(new CatchingUp(anchor));
        stream = stream(L3, 1, 1);
        assertThat(decide()).as("nothing says yet that the new ones lag").isEqualTo(new CatchingUp(anchor));
        stream = stream(L1, 1, 1).splitAt(anchor);
        assertThat(decide()).isEqualTo(new CatchingUp(anchor));
        stream = stream(L3, 1, 1).splitAt(anchor);
        assertThat(decide()).isEqualTo(new Copying(anchor));
        copy = new Copy(anchor, true, null, true, true);
        assertThat(decide()).isEqualTo(new Streaming(2));
    }

    @Test
    void opensAnotherAnchorIfTheSlotHasLeftBehindWhatNewTablesNeed() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, L3, false);
        copy = new Copy(new Anchor(2, L2), false, null, true, true);
        stream = stream(L3, 1, 1);
        assertThat(reanchoring().reason()).contains("0/300", "0/200");
    }

    @Test
    void stopsTheStreamBesideACopyThatToldTheLedgerNothingYet() {
        slot = new Slot("pgseam_shop", SlotState.USABLE, L1, true);
        stream = stream(L3, 1, 1).splitAt(new Anchor(2, L2));
        relay = new Relay(new Anchor(1, L1), null, false);
        assertThat(decide()).isInstanceOf(Halting.class);
    }

    @Test
    void copiesAgainWhereANewerGenerationThanTheSeamHasBegun() {
        stream = stream(L3, 3, 2);
        share = share(3, L3);
        assertThat(reanchoring().generation()).isEqualTo(4);
    }

    @Test
    void staysEndedWhateverBecameOfTheSlot() {
        noSlot();
        stream = Positions.ended(L2, 1, 1);
        assertThat(decide()).isEqualTo(new Ended(1));
    }

    @Test
    void streamsOnTheWayToItsEnd() {
        end = new StreamEnd(L3);
        stream = stream(L2, 1, 1);
        assertThat(decide()).isEqualTo(new Streaming(1));
        stream = stream(L3, 1, 1);
        assertThat(decide()).as("before it has said so").isEqualTo(new Streaming(1));
    }

    @Test
    void restsAtItsEndWhateverBecameOfTheSlot() {
        end = new StreamEnd(L3);
        noSlot();
        gap = new Gap("not copied yet: public.added", Set.of(), false);
        stream = stream(L2, 1, 1).atEnd(end);
        assertThat(decide()).isEqualTo(new StreamedToEnd(1, L3));
    }

    @Test
    void goesOnWhereTheEndIsLaterOrGone() {
        stream = stream(L1, 1, 1).atEnd(new StreamEnd(L2));
        end = new StreamEnd(L3);
        assertThat(decide()).isEqualTo(new Streaming(1));
        end = null;
        assertThat(decide()).isEqualTo(new Streaming(1));
    }

    @Test
    void failsWhereTheEndIsPassed() {
        end = new StreamEnd(L2);
        stream = stream(L3, 1, 1);
        assertThat(failure()).contains("stream.end.lsn 0/200 lies before 0/300", "Set a later");
        stream = stream(L1, 1, 1).atEnd(new StreamEnd(L3));
        assertThat(failure()).contains("stream.end.lsn 0/200 lies before 0/300");
        stream = Positions.at(L2, 1, 1, 1);
        assertThat(failure()).as("a change at the end itself is sent").contains("stream.end.lsn 0/200");
    }

    @Test
    void failsWhereTheEndLiesBeforeTheAnchor() {
        end = new StreamEnd(L1);
        copy = copy(1, L2, false);
        slotIs(SlotState.USABLE, L2);
        assertThat(failure()).contains("stream.end.lsn 0/100 lies before", "0/200");
        end = new StreamEnd(L2);
        assertThat(decide()).isEqualTo(new Copying(new Anchor(1, L2)));
    }

    @Test
    void opensNoAnchorOnceTheServerIsPastTheEnd() {
        end = new StreamEnd(L3);
        noSlot();
        assertThat(failure()).contains("the server is at 0/900", "stream.end.lsn 0/300", "nothing is copied yet");
        slotIs(SlotState.USABLE, L1);
        stream = stream(L2, 1, 1);
        gap = new Gap("not copied yet: public.added", Set.of(), false);
        assertThat(failure()).contains("stream.end.lsn 0/300", gap.reason());
        serverLsn = L2;
        assertThat(decide()).isEqualTo(new Reanchoring(2, gap.reason()));
    }

    @Test
    void failsWhereTheSlotIsGone() {
        noSlot();
        stream = stream(L2, 1, 1);
        assertThat(failure()).contains("pgseam_shop", "is gone", "0/200", "offsets", "topic.prefix");
    }

    @Test
    void failsWhereTheSlotIsGoneWhileItCopies() {
        noSlot();
        share = share(1, L1);
        assertThat(failure()).contains("pgseam_shop", "is gone", "0/100");
        share = null;
        copy = copy(1, L1, false);
        assertThat(failure()).contains("pgseam_shop", "is gone", "0/100");
    }

    @Test
    void failsWhereTheServerRemovedTheLogThatTheSlotNeeds() {
        slotIs(SlotState.LOST, L1);
        stream = stream(L2, 1, 1);
        assertThat(failure())
                .contains("pgseam_shop", "invalidated", "0/200", "max_slot_wal_keep_size", "drop the slot");
    }

    @Test
    void failsWhereTheSlotIsAheadOfWhatIsCommitted() {
        slotIs(SlotState.USABLE, L3);
        stream = stream(L2, 1, 1);
        assertThat(failure()).contains("pgseam_shop", "confirmed up to 0/300", "0/200", "offsets");
    }

    @Test
    void failsWhereTheSlotIsAheadOfTheFirstAnchor() {
        slotIs(SlotState.USABLE, L2);
        share = share(1, L1);
        assertThat(failure()).contains("confirmed up to 0/200", "0/100");
    }

    /** A record that is no change, a heartbeat for one, commits where the stream is: before everything. */
    @Test
    void goesOnWhereTheStreamOnItsWayToItsFirstAnchorHasCommittedThatItHasNothingYet() {
        slotIs(SlotState.USABLE, L1);
        stream = stream(Lsn.NONE, 0, 0);
        copy = copy(2, L3, false);
        assertThat(decide()).isEqualTo(new CatchingUp(new Anchor(2, L3)));
        copy = null;
        assertThat(decide()).isInstanceOf(Reanchoring.class);
        share = share(1, L1);
        slotIs(SlotState.USABLE, L2);
        assertThat(failure()).contains("confirmed up to 0/200", "0/100");
    }

    @Test
    void failsWhereTheServerIsBehindWhatIsCommitted() {
        serverLsn = L1;
        stream = stream(L2, 1, 1);
        assertThat(failure()).contains("the server is at 0/100", "0/200", "restored", "offsets");
    }

    @Test
    void acceptsASlotThatIsExactlyWhereTheCommittedPositionIs() {
        slotIs(SlotState.USABLE, L2);
        serverLsn = L2;
        stream = stream(L2, 1, 1);
        assertThat(decide()).isEqualTo(new Streaming(1));
    }

    @Test
    void asksNothingOfTheMarkOnceSomethingIsCommitted() {
        slotIs(SlotState.UNCLAIMED, L1);
        stream = stream(L2, 1, 1);
        assertThat(decide()).isEqualTo(new Streaming(1));
    }
}
