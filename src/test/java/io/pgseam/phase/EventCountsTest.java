package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.Seed;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventCountsTest {

    private static final Lsn COMMIT = new Lsn(500);

    private final Random random = Seed.random(EventCountsTest.class);

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 40, 700})
    void countsAsAMapDoesAndSurvivesTheLedger(int collections) {
        EventCounts counts = EventCounts.NONE;
        Map<String, Long> expected = new HashMap<>();
        for (long total = 1; total <= 3_000; total++) {
            String collection = "pub:lic.\u00fc,b" + random.nextInt(collections);
            counts = counts.with(COMMIT, collection);
            assertThat(counts.ofCollection()).isEqualTo(expected.merge(collection, 1L, Long::sum));
            assertThat(counts.total()).isEqualTo(total);
            if (total % 100 == 0) {
                assertThat(counts.byCollection()).isEqualTo(expected);
                EventCounts read = EventCounts.parse(counts.text());
                assertThat(read).isEqualTo(counts).hasSameHashCodeAs(counts);
                counts = random.nextBoolean() ? read : counts;
            }
        }
    }

    @Test
    void anotherTransactionBeginsWithNone() {
        EventCounts counts =
                EventCounts.NONE.with(COMMIT, "a").with(COMMIT, "b").with(COMMIT, "a");
        assertThat(counts.isOf(COMMIT)).isTrue();
        assertThat(counts.isOf(new Lsn(501))).isFalse();
        assertThat(EventCounts.NONE.isOf(Lsn.NONE)).isFalse();
        assertThat(counts.with(new Lsn(501), "a").byCollection()).isEqualTo(Map.of("a", 1L));
    }

    /** What an earlier change has counted stays as it was. */
    @Test
    void countsDoNotChange() {
        EventCounts one = EventCounts.NONE.with(COMMIT, "a");
        EventCounts two = one.with(COMMIT, "a");
        assertThat(one.total()).isEqualTo(1);
        assertThat(one).isNotEqualTo(two);
        assertThat(one.with(COMMIT, "b").byCollection()).isEqualTo(Map.of("a", 1L, "b", 1L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0/1F4,a", "0/1F4,a:b", "0/1F4,a:1:2"})
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> EventCounts.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
