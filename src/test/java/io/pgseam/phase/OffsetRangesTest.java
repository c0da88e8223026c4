package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.phase.OffsetRanges.Range;
import io.pgseam.phase.OffsetRanges.Snapshot;
import io.pgseam.testing.Seed;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OffsetRangesTest {

    @Test
    void spansWhateverIsAddedInAnyOrder() {
        Random random = Seed.random(OffsetRangesTest.class);
        for (int round = 0; round < 200; round++) {
            OffsetRanges ranges = new OffsetRanges(Snapshot.EMPTY);
            Map<String, Map<Integer, Range>> expected = new TreeMap<>();
            for (int records = random.nextInt(50); records > 0; records--) {
                String topic = "topic" + random.nextInt(3);
                int partition = random.nextInt(6);
                long offset = random.nextInt(1_000);
                long rows = random.nextInt(5);
                long hash = random.nextLong();
                ranges.add(topic, partition, offset, rows, hash);
                expected.computeIfAbsent(topic, ignored -> new TreeMap<>())
                        .merge(
                                partition,
                                new Range(offset, offset, rows, hash),
                                (a, b) -> new Range(
                                        Math.min(a.first(), b.first()),
                                        Math.max(a.last(), b.last()),
                                        a.rows() + b.rows(),
                                        a.hash() + b.hash()));
            }
            assertThat(ranges.snapshot()).isEqualTo(new Snapshot(expected, true));
        }
    }

    @Test
    void goesOnFromWhatAnEarlierReaderLeft() {
        Snapshot earlier = Snapshot.parse("a/0:5-9:3:a b/3:0-0:1:ffffffffffffffff", false);
        OffsetRanges ranges = new OffsetRanges(earlier);
        assertThat(ranges.snapshot()).isEqualTo(earlier);
        ranges.add("a", 0, 12, 1, 1);
        ranges.add("a", 0, 2, 1, 2);
        ranges.add("b", 3, 3, 1, 2);
        assertThat(ranges.snapshot().text()).isEqualTo("a/0:2-12:5:d b/3:0-3:2:1");
        assertThat(ranges.snapshot().exact()).isFalse();
    }

    /** An earlier version wrote positions only, and of a structured record the bytes are not known. */
    @Test
    void claimsNoSumOfWhichAPartIsNotKnown() {
        OffsetRanges older = new OffsetRanges(Snapshot.parse("a/0:5-9", true));
        older.add("a", 0, 10, 1, 7);
        older.add("a", 1, 0, 1, 7);
        assertThat(older.snapshot().text()).isEqualTo("a/0:5-10 a/1:0-0");

        OffsetRanges structured = new OffsetRanges(Snapshot.parse("a/0:5-9:5:a", true));
        structured.add("a", 0, 10);
        assertThat(structured.snapshot().text()).isEqualTo("a/0:5-10:6");
        assertThat(new OffsetRanges(structured.snapshot()).snapshot()).isEqualTo(structured.snapshot());

        Snapshot whole = Snapshot.parse("a/0:5-9:5:a", true);
        assertThat(whole.union(structured.snapshot()).text()).isEqualTo("a/0:5-10:11");
        assertThat(older.snapshot().union(whole).text()).isEqualTo("a/0:5-10 a/1:0-0");
    }

    @Test
    void aSnapshotOfItDoesNotChange() {
        OffsetRanges ranges = new OffsetRanges(Snapshot.EMPTY);
        ranges.add("a", 0, 5, 1, 16);
        Snapshot then = ranges.snapshot();
        ranges.add("a", 0, 6);
        ranges.markInexact();
        assertThat(then.text()).isEqualTo("a/0:5-5:1:10");
        assertThat(then.exact()).isTrue();
        assertThat(ranges.snapshot().exact()).isFalse();
    }

    @Test
    void unitesBothPartitionByPartition() {
        Snapshot one = Snapshot.parse("a/0:5-9:5:10 a/1:1-2:2:ff", true);
        Snapshot other = Snapshot.parse("a/0:7-20:2:20 b/0:3-3:1:0", true);
        assertThat(one.union(other).text()).isEqualTo("a/0:5-20:7:30 a/1:1-2:2:ff b/0:3-3:1:0");
        assertThat(one.union(other)).isEqualTo(other.union(one));
        assertThat(one.union(new Snapshot(Map.of(), false)).exact()).isFalse();
        assertThat(Snapshot.EMPTY.union(one)).isEqualTo(one);
    }

    @Test
    void readsItsText() {
        assertThat(Snapshot.parse("", true)).isEqualTo(Snapshot.EMPTY);
        Snapshot some = Snapshot.parse("my-shop.public.order-lines/10:0-9223372036854775807", true);
        assertThat(some.ranges())
                .containsEntry(
                        "my-shop.public.order-lines", Map.of(10, new Range(0, Long.MAX_VALUE, Range.UNKNOWN, null)));
        assertThat(Snapshot.parse(some.text(), true)).isEqualTo(some);
    }

    @Test
    void refusesOtherText() {
        for (String text : new String[] {
            "a",
            "a/0",
            "a/0:1",
            "/0:1-2",
            "a/x:1-2",
            "a/0:1-x",
            "a/0:1-2 ",
            "a/0:-",
            "a/0:1-2:x",
            "a/0:1-2:1:",
            "a/0:1-2:1:2:3"
        }) {
            assertThatThrownBy(() -> Snapshot.parse(text, true)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
