package io.pgseam.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class JmxMetricRegistryTest {

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private Set<String> names(String connector) throws Exception {
        return server.queryNames(new ObjectName("io.pgseam:connector=" + connector + ",*"), null).stream()
                .map(ObjectName::getCanonicalName)
                .collect(Collectors.toSet());
    }

    private Object value(String name, String attribute) throws Exception {
        return server.getAttribute(new ObjectName(name), attribute);
    }

    @Test
    void showsNumbersByConnectorTaskAndTag() throws Exception {
        try (MetricRegistry registry = new JmxMetricRegistry("shown", "copy-0")) {
            registry.register(Metric.COPIED_ROWS, () -> 7L);
            registry.register(Metric.QUEUE_BYTES, () -> 8L);
            registry.register(Metric.TABLE_COPIED_ROWS, Map.of(Metric.Tag.TABLE, "public.a,b=\"c\""), () -> Double.NaN);

            assertThat(value("io.pgseam:type=plugins,connector=shown,task=copy-0,plugin=pgseam", "copied-rows-total"))
                    .isEqualTo(7L);
            assertThat(value("io.pgseam:type=plugins,connector=shown,task=copy-0,plugin=pgseam", "queue-bytes"))
                    .isEqualTo(8L);
            assertThat(value(
                            "io.pgseam:type=plugins,connector=shown,task=copy-0,plugin=pgseam,table="
                                    + ObjectName.quote("public.a,b=\"c\""),
                            "table-copied-rows-total"))
                    .isEqualTo(Double.NaN);
        }
        assertThat(names("shown")).isEmpty();
    }

    @Test
    void connectorsOnOneWorkerDoNotCollide() throws Exception {
        try (MetricRegistry first = new JmxMetricRegistry("first", null);
                MetricRegistry second = new JmxMetricRegistry("second", null)) {
            first.register(Metric.PHASE_AGE, () -> 1L);
            second.register(Metric.PHASE_AGE, () -> 2L);

            assertThat(value("io.pgseam:type=plugins,connector=first,plugin=pgseam", "phase-age-ms"))
                    .isEqualTo(1L);
            assertThat(value("io.pgseam:type=plugins,connector=second,plugin=pgseam", "phase-age-ms"))
                    .isEqualTo(2L);
        }
    }

    /** Connect gives a task up that does not stop in time, and starts another one of its number. */
    @Test
    void aTaskThatEndsLateTakesNothingFromTheNextOne() throws Exception {
        MetricRegistry old = new JmxMetricRegistry("late", "stream");
        old.register(Metric.RECORDS, () -> 1L);
        try (MetricRegistry next = new JmxMetricRegistry("late", "stream")) {
            next.register(Metric.RECORDS, () -> 2L);
            old.close();

            assertThat(value("io.pgseam:type=plugins,connector=late,task=stream,plugin=pgseam", "records-total"))
                    .isEqualTo(2L);
        }
        assertThat(names("late")).isEmpty();
    }

    @Test
    void aNameThatSomebodyElseHasIsLeftToThem() throws Exception {
        ObjectName name = new ObjectName("io.pgseam:type=plugins,connector=foreign,plugin=pgseam");
        server.registerMBean(new NumbersBean(), name);
        try (MetricRegistry registry = new JmxMetricRegistry("foreign", null)) {
            registry.register(Metric.PHASE_AGE, () -> 1L);
        }
        assertThat(server.isRegistered(name)).isTrue();
        server.unregisterMBean(name);
    }
}
