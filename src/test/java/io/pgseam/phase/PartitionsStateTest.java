package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartitionsStateTest {

    @Test
    void survivesConnectsStore() {
        for (List<Long> leaves : List.of(List.<Long>of(), List.of(16_400L), List.of(4_294_967_295L, 2L, 16_400L))) {
            PartitionsState state = PartitionsState.of(leaves);
            assertThat(PartitionsState.fromSourceOffset(StoredOffsets.roundTrip(state.toSourceOffset())))
                    .isEqualTo(state);
        }
        assertThat(PartitionsState.of(List.of(7L, 10L, 9L)).toSourceOffset()).isEqualTo(Map.of("leaves", "7 9 10"));
    }

    @Test
    void isNotThereWithoutAnOffset() {
        assertThat(PartitionsState.fromSourceOffset(null)).isNull();
        assertThat(PartitionsState.fromSourceOffset(Map.of())).isNull();
    }

    @Test
    void isFoundByTheSameBytesEachTime() {
        byte[] key = StoredOffsets.key(PartitionsState.sourcePartition("shop", 16_400));
        assertThat(new String(key, StandardCharsets.UTF_8))
                .contains("\"server\":\"shop\"")
                .contains("\"partitions_of\":16400");
        assertThat(StoredOffsets.key(PartitionsState.sourcePartition("shop", 16_400)))
                .isEqualTo(key);
    }
}
