package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShareStateTest {

    private static final ShareState FITTING = new ShareState(3, Lsn.parse("16/B374D848"), "00000003-0000001B-1", null);
    private static final ShareState MISFIT =
            new ShareState(1, Lsn.parse("0/1"), "00000003-0000001B-1", "table public.\"Zürich\" was rewritten");

    @Test
    void survivesConnectsStore() {
        for (ShareState share : new ShareState[] {FITTING, MISFIT}) {
            assertThat(ShareState.fromSourceOffset(share.toSourceOffset())).isEqualTo(share);
            assertThat(ShareState.fromSourceOffset(StoredOffsets.roundTrip(share.toSourceOffset())))
                    .isEqualTo(share);
        }
    }

    @Test
    void isNotThereWithoutAnOffset() {
        assertThat(ShareState.fromSourceOffset(null)).isNull();
        assertThat(ShareState.fromSourceOffset(Map.of())).isNull();
    }

    @Test
    void namesTheFieldThatAnOffsetLacks() {
        Map<String, Object> offset = new HashMap<>(FITTING.toSourceOffset());
        offset.remove("anchor");
        assertThatThrownBy(() -> ShareState.fromSourceOffset(offset))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'anchor'");
    }

    @Test
    void isFoundByTheSameBytesEachTime() {
        byte[] key = StoredOffsets.key(ShareState.sourcePartition("shop", 2));
        assertThat(new String(key, StandardCharsets.UTF_8)).isEqualTo("{\"server\":\"shop\",\"task\":2}");
        assertThat(StoredOffsets.key(ShareState.sourcePartition("shop", 2))).isEqualTo(key);
    }

    @Test
    void belongsToItsAnchorAndToNoOtherOfThatNumber() {
        assertThat(FITTING.isOf(new Anchor(FITTING.generation(), FITTING.anchorLsn())))
                .isTrue();
        assertThat(FITTING.isOf(new Anchor(
                        FITTING.generation(), new Lsn(FITTING.anchorLsn().value() + 8))))
                .isFalse();
        assertThat(FITTING.isOf(new Anchor(FITTING.generation() + 1, FITTING.anchorLsn())))
                .isFalse();
    }
}
