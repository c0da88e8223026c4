package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Facts.Slot;
import io.pgseam.phase.Facts.SlotState;
import io.pgseam.phase.Phase.Failed;
import io.pgseam.phase.Phase.Reanchoring;
import io.pgseam.phase.Phase.Streaming;
import org.junit.jupiter.api.Test;

/** The stream continues at a slot that was created again only if a setting says so of that very slot. */
class SlotContinuationTest {

    private static final Lsn SENT = Lsn.parse("0/200");
    private static final Lsn MADE = Lsn.parse("0/300");
    private static final Lsn SERVER = Lsn.parse("0/900");

    private static Phase decide(Lsn continuation, Lsn confirmed, StreamPosition stream) {
        StreamLimits limits = new StreamLimits(null, null, new SlotContinuation(continuation));
        Slot slot = new Slot("pgseam_shop", SlotState.USABLE, confirmed, false);
        return PhaseDecision.decide(
                new Facts(SnapshotMode.INITIAL, slot, SERVER, false, stream, null, null, null, limits, null));
    }

    @Test
    void holdsForTheSlotAsItIs() {
        StreamPosition stream = StreamPosition.before(SENT, 1, 1);
        assertThat(decide(MADE, MADE, stream)).isInstanceOfSatisfying(Reanchoring.class, next -> {
            assertThat(next.generation()).isEqualTo(2);
            assertThat(next.vouched()).isTrue();
        });
        assertThat(decide(MADE, Lsn.parse("0/308"), stream))
                .as("it has moved on")
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.reason()).contains("set slot.continue.lsn to 0/308"));
        assertThat(decide(SERVER, SENT, stream))
                .as("nothing that the slot has is left out")
                .isEqualTo(new Streaming(1));
    }

    @Test
    void isUsedUpOnceThatIsCommitted() {
        assertThat(decide(MADE, MADE, StreamPosition.before(MADE, 2, 2))).isEqualTo(new Streaming(2));
    }

    @Test
    void doesNotHoldBeforeEverythingIsCopied() {
        assertThat(decide(MADE, MADE, StreamPosition.before(SENT, 2, 0))).isInstanceOf(Failed.class);
        assertThat(decide(MADE, MADE, StreamPosition.before(SENT, 2, 1).split()))
                .isInstanceOf(Failed.class);
    }
}
