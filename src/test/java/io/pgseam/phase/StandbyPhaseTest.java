package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Facts.Slot;
import io.pgseam.phase.Facts.SlotState;
import io.pgseam.phase.Phase.Failed;
import io.pgseam.phase.Phase.Streaming;
import org.junit.jupiter.api.Test;

/** What is different if the server is a standby. */
class StandbyPhaseTest {

    private static final Lsn L1 = new Lsn(0x100);
    private static final Lsn L2 = new Lsn(0x200);
    private static final Slot SLOT = new Slot("pgseam_shop", SlotState.USABLE, L1, false);

    /** It was started again, and has to replay what it has sent before. */
    @Test
    void goesOnWithAStandbyThatIsBehindWhatIsCommitted() {
        assertThat(decide(true)).isEqualTo(new Streaming(1));
        assertThat(decide(false)).isInstanceOf(Failed.class);
    }

    private static Phase decide(boolean standby) {
        return PhaseDecision.decide(new Facts(
                SnapshotMode.INITIAL,
                SLOT,
                L1,
                standby,
                Positions.at(L2, 0, 1, 1),
                null,
                null,
                null,
                StreamLimits.NONE,
                null));
    }
}
