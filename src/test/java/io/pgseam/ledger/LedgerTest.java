package io.pgseam.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private final Map<Map<String, ?>, Map<String, Object>> stored = new HashMap<>();

    private final Ledger ledger = new Ledger("shop", new OffsetStorageReader() {
        @Override
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            return stored.get(partition);
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
            partitions.forEach(partition -> found.put(partition, stored.get(partition)));
            return found;
        }
    });

    private static ChunkId chunk(int since) {
        return new ChunkId(new TableId("public", "orders"), 16_412, 16, 0, since);
    }

    @Test
    void knowsNothingOfACopyThatWasGivenUp() {
        Anchor anchor = new Anchor(2, Lsn.parse("0/100"));
        ChunkProgress progress = ChunkProgress.start(chunk(1), anchor);
        stored.put(chunk(1).sourcePartition("shop"), progress.toSourceOffset());

        assertThat(ledger.chunks(List.of(chunk(1)))).containsOnlyKeys(chunk(1));
        assertThat(ledger.chunks(List.of(chunk(2)))).containsOnlyKeys(chunk(2));
        // The table was left out at anchor 3, say, and is copied again since anchor 4.
        assertThat(ledger.chunks(List.of(chunk(4)))).isEmpty();
    }
}
