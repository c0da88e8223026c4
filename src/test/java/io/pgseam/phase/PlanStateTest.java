package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanStateTest {

    private static final PlanState STATE = new PlanState(
            2,
            Lsn.parse("16/B374D848"),
            new AnchorSnapshot("00000003-0000001B-1", "9f86d081", 1_790_000_000_123L),
            "60303ae2",
            "{\"tables\":[\"Zürich\"]}",
            false);

    @Test
    void survivesConnectsStore() {
        assertThat(PlanState.fromSourceOffset(STATE.toSourceOffset())).isEqualTo(STATE);
        assertThat(PlanState.fromSourceOffset(StoredOffsets.roundTrip(STATE.toSourceOffset())))
                .isEqualTo(STATE);
    }

    @Test
    void isNotThereWithoutAnOffset() {
        assertThat(PlanState.fromSourceOffset(null)).isNull();
    }

    @Test
    void ofAnEarlierReleaseHasTheNamesOfThatRelease() {
        Map<String, Object> offset = new HashMap<>(STATE.toSourceOffset());
        offset.remove("default_names");
        PlanState earlier = PlanState.fromSourceOffset(offset);
        assertThat(earlier.earlierNames()).isTrue();
        assertThat(PlanState.fromSourceOffset(earlier.toSourceOffset()))
                .as("they stay")
                .isEqualTo(earlier);
    }

    @Test
    void namesTheFieldThatAnOffsetLacks() {
        Map<String, Object> offset = new HashMap<>(STATE.toSourceOffset());
        offset.remove("view");
        assertThatThrownBy(() -> PlanState.fromSourceOffset(offset))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'view'");
    }

    @Test
    void isFoundByTheSameBytesEachTime() {
        byte[] key = StoredOffsets.key(PlanState.sourcePartition("shop"));
        assertThat(new String(key, StandardCharsets.UTF_8)).isEqualTo("{\"server\":\"shop\",\"plan\":\"newest\"}");
    }
}
