package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.StreamPosition;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

class OffsetResetTest {

    private static final PgSeamSettings SETTINGS = PgSeamSettings.parse(Map.of(
            "name", "shop-source",
            "database.hostname", "nowhere.invalid",
            "database.user", "seam",
            "database.dbname", "shop",
            "topic.prefix", "shop"));

    @Test
    void refusesToSetAnOffset() {
        Map<Map<String, ?>, Map<String, ?>> offsets =
                Map.of(StreamPosition.sourcePartition("shop"), Map.of("lsn", "0/1", "seq", 0));
        assertThatThrownBy(() -> OffsetReset.prepare(SETTINGS, offsets))
                .isInstanceOf(ConnectException.class)
                .hasMessageContainingAll("pgseam_shop", "DELETE /connectors/shop-source/offsets");
    }

    @Test
    void refusesToDeleteWhatIsNotAllOfThem() {
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        offsets.put(new ChunkId(new TableId("public", "orders"), 16_412, 16_384, 3, 1).sourcePartition("shop"), null);
        assertThatThrownBy(() -> OffsetReset.prepare(SETTINGS, offsets))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("all together");
    }

    @Test
    void asksNothingOfTheSourceWhereNothingIsCommitted() {
        assertThatCode(() -> OffsetReset.prepare(SETTINGS, Map.of())).doesNotThrowAnyException();
    }
}
