package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Facts.Slot;
import io.pgseam.phase.Facts.SlotState;
import io.pgseam.phase.Phase.AwaitingSlot;
import io.pgseam.phase.Phase.Failed;
import io.pgseam.phase.Phase.Reanchoring;
import org.junit.jupiter.api.Test;

/** Another connector's slot is never replaced, and nothing is left out that it has not sent. */
class StreamBeginTest {

    private static final Lsn L1 = Lsn.parse("0/100");
    private static final Lsn L2 = Lsn.parse("0/200");
    private static final Lsn L3 = Lsn.parse("0/300");
    private static final StreamLimits FROM_L2 = new StreamLimits(new StreamBegin(L2), null, null);

    private static Phase decide(SlotState state, Lsn confirmed, boolean active, Lsn serverLsn) {
        Slot slot = new Slot("debezium", state, confirmed, active);
        return PhaseDecision.decide(
                new Facts(SnapshotMode.NO_DATA, slot, serverLsn, false, null, null, null, null, FROM_L2, null));
    }

    private static String failure(SlotState state, Lsn confirmed, Lsn serverLsn) {
        Failed failed = (Failed) assertThat(decide(state, confirmed, false, serverLsn))
                .isInstanceOf(Failed.class)
                .actual();
        return failed.reason();
    }

    @Test
    void needsASlotThatHasTheRest() {
        assertThat(failure(SlotState.ABSENT, Lsn.NONE, L3))
                .contains("stream.begin.lsn is 0/200", "no replication slot \"debezium\"");
        assertThat(failure(SlotState.LOST, L1, L3)).contains("stream.begin.lsn is 0/200", "invalidated");
        assertThat(failure(SlotState.USABLE, L3, L3)).contains("confirmed up to 0/300", "after stream.begin.lsn 0/200");
    }

    @Test
    void isNotAheadOfTheServer() {
        assertThat(failure(SlotState.USABLE, L1, L1))
                .contains("the server is at 0/100", "before stream.begin.lsn 0/200");
    }

    @Test
    void waitsForTheConnectorBefore() {
        assertThat(decide(SlotState.USABLE, L1, true, L3))
                .isInstanceOfSatisfying(
                        AwaitingSlot.class,
                        waiting ->
                                assertThat(waiting.reason()).contains("still reads it", "Stop the connector before"));
        assertThat(decide(SlotState.USABLE, L1, false, L3))
                .isInstanceOfSatisfying(
                        Reanchoring.class, next -> assertThat(next.reason()).contains("begins at 0/200", "debezium"));
    }
}
