package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LedgerMapTest {

    static List<Map<String, Object>> sourcePartitions() {
        return List.of(
                StreamPosition.sourcePartition("shop"),
                ShareState.sourcePartition("shop", 3),
                new ChunkId(new TableId("public", "orders"), 16_412, 16_384, 7, 1).sourcePartition("shop"));
    }

    /** Connect reads partitions back from its topic as maps, and asks for and deletes their offsets by these. */
    @ParameterizedTest
    @MethodSource("sourcePartitions")
    void aPartitionThatConnectHasReadBackHasTheSameKeyBytes(Map<String, Object> partition) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), true);
            byte[] written = converter.fromConnectData("", null, partition);
            Object readBack = converter.toConnectData("", written).value();

            assertThat(new String(converter.fromConnectData("", null, readBack), StandardCharsets.UTF_8))
                    .isEqualTo(new String(written, StandardCharsets.UTF_8));
        }
    }

    @Test
    void leavesOutWhatIsNull() {
        assertThat(LedgerMap.of("name", "value", "nothing", null)).isEqualTo(Map.of("name", "value"));
    }
}
