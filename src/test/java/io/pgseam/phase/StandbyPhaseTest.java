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

    @Test
    void saysWhyASlotOfAStandbyIsLost() {
        assertThat(lost("rows_removed"))
                .contains("(rows_removed, wal_status lost)", "hot_standby_feedback=on", "primary_slot_name");
        assertThat(lost("wal_level_insufficient")).contains("wal_level of the primary was lowered");
        assertThat(lost("conflicting")).contains("hot_standby_feedback=on", "wal_level=logical");
        assertThat(lost("wal_removed")).contains("max_slot_wal_keep_size").doesNotContain("hot_standby_feedback");
    }

    /** The connector has read the primary, and is pointed to a standby. */
    @Test
    void saysThatAStandbyHasNoSlotOfThePrimary() {
        Slot absent = new Slot("pgseam_shop", SlotState.ABSENT, Lsn.NONE, false);
        assertThat(((Failed) decide(absent, true)).reason())
                .contains("the server is a standby, which has no slots but its own", "database.hostname");
        assertThat(((Failed) decide(absent, false)).reason()).doesNotContain("the server is a standby");
    }

    private static String lost(String invalidation) {
        return ((Failed) decide(new Slot("pgseam_shop", SlotState.LOST, L1, false, invalidation), true)).reason();
    }

    private static Phase decide(boolean standby) {
        return decide(SLOT, standby);
    }

    private static Phase decide(Slot slot, boolean standby) {
        return PhaseDecision.decide(new Facts(
                SnapshotMode.INITIAL,
                slot,
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
