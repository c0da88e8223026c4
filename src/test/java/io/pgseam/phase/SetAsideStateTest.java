package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import io.pgseam.phase.SetAsideState.Entry;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SetAsideStateTest {

    @Test
    void isReadAsItWasWritten() {
        SetAsideState state = new SetAsideState(Map.of(
                16_400L,
                new Entry("not_owner", new TableId("a b", "c.\n\"d")),
                7L,
                new Entry("topic", new TableId("s", "t"))));
        assertThat(SetAsideState.fromSourceOffset(StoredOffsets.roundTrip(state.toSourceOffset())))
                .isEqualTo(state);
        assertThat(SetAsideState.fromSourceOffset(null)).isEqualTo(SetAsideState.NOTHING);
        assertThat(SetAsideState.fromSourceOffset(StoredOffsets.roundTrip(SetAsideState.NOTHING.toSourceOffset())))
                .isEqualTo(SetAsideState.NOTHING);
    }

    @Test
    void tenThousandTablesFitIntoARecord() {
        Map<Long, Entry> tables = new HashMap<>();
        for (long oid = 100_000; oid < 110_000; oid++) {
            tables.put(oid, new Entry("no_replica_identity", new TableId("s".repeat(60), "t".repeat(50) + oid)));
        }
        Map<String, Object> offset = new SetAsideState(tables).toSourceOffset();
        assertThat(String.valueOf(offset).length()).isLessThan(400_000);
        assertThat(SetAsideState.fromSourceOffset(offset).tables())
                .hasSize(10_000)
                .allSatisfy((oid, entry) -> assertThat(entry.table()).isNull());
    }
}
