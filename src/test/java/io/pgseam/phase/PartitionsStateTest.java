package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PartitionsStateTest {

    @Test
    void survivesConnectsStore() {
        for (Map<Long, String> leaves : List.of(
                Map.<Long, String>of(),
                Map.of(16_400L, "public.p"),
                Map.of(4_294_967_295L, "public.with a space", 2L, "größe.表", 16_400L, ""))) {
            PartitionsState state = new PartitionsState(leaves);
            assertThat(PartitionsState.fromSourceOffset(StoredOffsets.roundTrip(state.toSourceOffset())))
                    .isEqualTo(state);
        }
        assertThat(new PartitionsState(Map.of(10L, "public.b", 7L, "public.two\nlines")).toSourceOffset())
                .isEqualTo(Map.of("leaves", "7 public.two lines\n10 public.b"));
    }

    @Test
    void fitsOneRecordHoweverManyPartitionsThereAre() {
        Map<Long, String> leaves = LongStream.range(0, 30_000)
                .boxed()
                .collect(Collectors.toMap(oid -> 16_400 + oid, oid -> "public.a_partition_with_a_name_" + oid));
        PartitionsState state = new PartitionsState(leaves);
        assertThat(state.toSourceOffset().get("leaves").toString()).hasSizeLessThan(500_000);
        assertThat(PartitionsState.fromSourceOffset(state.toSourceOffset()))
                .satisfies(read -> assertThat(read.leaves())
                        .containsOnlyKeys(leaves.keySet())
                        .containsEntry(16_400L, "OID 16400"));
    }

    @Test
    void isNotThereWithoutAnOffset() {
        assertThat(PartitionsState.fromSourceOffset(null)).isNull();
        assertThat(PartitionsState.fromSourceOffset(Map.of())).isNull();
    }

    @Test
    void isFoundByTheSameBytesEachTime() {
        byte[] key = StoredOffsets.key(PartitionsState.sourcePartition("shop", 16_400));
        assertThat(new String(key, StandardCharsets.UTF_8)).contains("\"server\":\"shop\"", "\"partitions_of\":16400");
        assertThat(StoredOffsets.key(PartitionsState.sourcePartition("shop", 16_400)))
                .isEqualTo(key);
    }
}
