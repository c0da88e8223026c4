package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkProgressTest {

    private static final Anchor FIRST = new Anchor(1, Lsn.parse("0/100"));
    private static final Anchor SECOND = new Anchor(2, Lsn.parse("16/B374D848"));
    private static final ChunkId CHUNK = new ChunkId(new TableId("public", "orders"), 4_000_000_000L, 16_384, 3, 1);

    private static ChunkProgress progress(long rowsIntoStride, long rows, long located) {
        OffsetRanges ranges = new OffsetRanges(OffsetRanges.Snapshot.EMPTY);
        ranges.add("shop.public.orders", 2, 7);
        return new ChunkProgress(
                1, FIRST.lsn(), 50_000, rowsIntoStride, false, rows, 99_999, located, -5L, ranges.snapshot());
    }

    @Test
    void beginsAtTheFirstBlockOfItsChunk() {
        ChunkProgress start = ChunkProgress.start(CHUNK, SECOND);
        assertThat(start.nextBlock()).isEqualTo(3 * 16_384);
        assertThat(start.generation()).isEqualTo(2);
        assertThat(start.anchorLsn()).isEqualTo(SECOND.lsn());
        assertThat(start.done()).isFalse();
        assertThat(start.rows()).isZero();
        assertThat(start.ranges()).isEqualTo(OffsetRanges.Snapshot.EMPTY);
    }

    @Test
    void survivesConnectsStore() {
        Random random = Seed.random(ChunkProgressTest.class);
        for (int i = 0; i < 500; i++) {
            ChunkProgress progress = random(random);
            assertThat(ChunkProgress.fromSourceOffset(StoredOffsets.roundTrip(progress.toSourceOffset())))
                    .isEqualTo(progress);
            assertThat(ChunkProgress.fromSourceOffset(progress.toSourceOffset()))
                    .isEqualTo(progress);
        }
    }

    private static ChunkProgress random(Random random) {
        OffsetRanges ranges = new OffsetRanges(OffsetRanges.Snapshot.EMPTY);
        for (int records = random.nextInt(20); records > 0; records--) {
            String topic = "shop.public.t" + random.nextInt(3);
            ranges.add(topic, random.nextInt(12), random.nextLong(1L << 40), random.nextInt(9), random.nextLong());
            if (random.nextInt(20) == 0) {
                ranges.add(topic, 0, 0);
            }
        }
        if (random.nextBoolean()) {
            ranges.markInexact();
        }
        return new ChunkProgress(
                1 + random.nextInt(100),
                new Lsn(random.nextLong()),
                random.nextLong(1L << 32),
                random.nextBoolean() ? 0 : random.nextInt(100_000),
                random.nextBoolean(),
                random.nextLong(1L << 40),
                random.nextLong(1L << 50),
                random.nextLong(1L << 40),
                random.nextInt(10) == 0 ? null : random.nextLong(),
                ranges.snapshot());
    }

    @Test
    void goesOnWithinTheStrideInTheSameSnapshot() {
        ChunkProgress resumed = progress(17, 1000, 1000).resumedAt(FIRST);
        assertThat(resumed).isEqualTo(progress(17, 1000, 1000));
    }

    @Test
    void readsTheStrideWholeInAnotherSnapshot() {
        ChunkProgress resumed = progress(17, 1000, 1000).resumedAt(SECOND);
        assertThat(resumed.rowsIntoStride()).isZero();
        assertThat(resumed.nextBlock()).isEqualTo(50_000);
        assertThat(resumed.generation()).isEqualTo(2);
        assertThat(resumed.anchorLsn()).isEqualTo(SECOND.lsn());
    }

    /** A leader that ended before anything was committed at its anchor leaves the number to the next one. */
    @Test
    void readsTheStrideWholeAtAnotherAnchorOfTheSameNumber() {
        Anchor again = new Anchor(FIRST.generation(), SECOND.lsn());
        ChunkProgress resumed = progress(17, 1000, 1000).resumedAt(again);
        assertThat(resumed.rowsIntoStride()).isZero();
        assertThat(resumed.anchorLsn()).isEqualTo(SECOND.lsn());
    }

    @Test
    void saysThatItsRangesAreNotExactWhereRowsWereNeverLocated() {
        ChunkProgress resumed = progress(0, 1000, 999).resumedAt(FIRST);
        assertThat(resumed.ranges().exact()).isFalse();
        assertThat(resumed.ranges().ranges())
                .isEqualTo(progress(0, 1000, 999).ranges().ranges());
        // Else a later reader would take the rows of this one for lost.
        assertThat(resumed.located()).isEqualTo(1000);
        assertThat(resumed.resumedAt(FIRST).ranges().exact()).isFalse();
    }

    /** Its hash was another one: of COPY text. */
    @Test
    void claimsNoHashThatAnEarlierVersionWrote() {
        Map<String, Object> earlier = new HashMap<>(progress(0, 10, 10).toSourceOffset());
        earlier.remove("sum");
        earlier.put("hash", "400aa721fcd5271a");
        earlier.put("offsets", "shop.public.orders/2:7-7");
        ChunkProgress read = ChunkProgress.fromSourceOffset(earlier);
        assertThat(read.hash()).isNull();
        assertThat(read.ranges().ranges().get("shop.public.orders").get(2).hash())
                .isNull();
    }

    @Test
    void isNotThereWithoutAnOffset() {
        assertThat(ChunkProgress.fromSourceOffset(null)).isNull();
        assertThat(ChunkProgress.fromSourceOffset(Map.of())).isNull();
    }

    @Test
    void namesTheFieldThatAnOffsetLacks() {
        for (String field : new String[] {"generation", "anchor", "rows", "bytes", "located", "offsets"}) {
            Map<String, Object> offset = new HashMap<>(progress(0, 10, 10).toSourceOffset());
            offset.remove(field);
            assertThatThrownBy(() -> ChunkProgress.fromSourceOffset(offset))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("'" + field + "'", "/offsets");
        }
    }

    @Test
    void namesTheFieldWhoseValueIsNoneOfItsOwn() {
        for (Map.Entry<String, String> wrong : Map.of("anchor", "later", "sum", "no number", "offsets", "t/x:1-2")
                .entrySet()) {
            Map<String, Object> offset = new HashMap<>(progress(0, 10, 10).toSourceOffset());
            offset.put(wrong.getKey(), wrong.getValue());
            assertThatThrownBy(() -> ChunkProgress.fromSourceOffset(offset))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'" + wrong.getKey() + "'");
        }
    }

    @Test
    void keepsTheFileAndTheGridInItsIdentity() {
        byte[] key = StoredOffsets.key(CHUNK.sourcePartition("shop"));
        assertThat(new String(key, StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"schema\":\"public\",\"server\":\"shop\",\"blocks\":16384,\"chunk\":3,\"filenode\":4000000000,"
                                + "\"table\":\"orders\"}");
        ChunkId again = new ChunkId(new TableId("public", "orders"), 4_000_000_000L, 16_384, 3, 1);
        assertThat(StoredOffsets.key(again.sourcePartition("shop"))).isEqualTo(key);
        assertThat(again.sourcePartition("shop"))
                .isEqualTo(CHUNK.sourcePartition("shop"))
                .hasSameHashCodeAs(CHUNK.sourcePartition("shop"));
        assertThat(CHUNK.sourcePartition("shop").get("chunk")).isEqualTo(3L);
    }

    @Test
    void coversTheBlocksOfItsPlaceOnTheGrid() {
        assertThat(CHUNK.firstBlock()).isEqualTo(49_152);
        assertThat(CHUNK.endBlock()).isEqualTo(65_536);
        assertThat(new ChunkId(CHUNK.relation(), 1, 16_384, 4, 1).firstBlock()).isEqualTo(CHUNK.endBlock());
    }

    @Test
    void refusesAChunkThatCannotBe() {
        assertThatThrownBy(() -> new ChunkId(CHUNK.relation(), 1, 0, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ChunkId(CHUNK.relation(), 1, 1, -1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
