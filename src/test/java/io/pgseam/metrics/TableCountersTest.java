package io.pgseam.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TableCountersTest {

    private final Map<String, Supplier<? extends Number>> shown = new TreeMap<>();

    private final MetricRegistry registry = new MetricRegistry() {
        @Override
        public void register(Metric metric, Map<Metric.Tag, String> tags, Supplier<? extends Number> value) {
            assertThat(shown.put(String.valueOf(tags.get(Metric.Tag.TABLE)), value))
                    .isNull();
        }

        @Override
        public void close() {}
    };

    private static TableId table(String name) {
        return new TableId("public", name);
    }

    @Test
    void tablesBeyondTheLimitShareACounter() {
        TableCounters counters = new TableCounters(registry, Metric.TABLE_CHANGES, 2);
        for (String name : new String[] {"a", "b", "c", "d", "a", "c"}) {
            counters.of(table(name)).add();
        }

        assertThat(shown).containsOnlyKeys("public.a", "public.b", "others");
        assertThat(shown.get("public.a").get()).isEqualTo(2L);
        assertThat(shown.get("public.b").get()).isEqualTo(1L);
        assertThat(shown.get("others").get()).isEqualTo(3L);
    }

    @Test
    void nothingIsShownIfNoTableIsToBe() {
        TableCounters counters = new TableCounters(registry, Metric.TABLE_CHANGES, 0);
        counters.of(table("a")).add();

        assertThat(shown).isEmpty();
    }
}
