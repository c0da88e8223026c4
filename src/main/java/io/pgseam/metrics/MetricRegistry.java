package io.pgseam.metrics;

import java.util.Map;
import java.util.function.Supplier;

/**
 * Where a connector or a task shows its metrics.
 *
 * <p>Values are asked for by threads of a monitoring system, at any time: they must not wait for anything. Any thread may register.
 */
public interface MetricRegistry extends AutoCloseable {

    /** A value that is not known. */
    Number UNKNOWN = Double.NaN;
    /** A tag that every metric has: other plugins of the worker show metrics under names of the same form. */
    String PLUGIN_TAG = "plugin";

    /** Its value. */
    String PLUGIN = "pgseam";

    /** Shows nothing. */
    MetricRegistry NONE = new MetricRegistry() {
        @Override
        public void register(Metric metric, Map<Metric.Tag, String> tags, Supplier<? extends Number> value) {}

        @Override
        public void close() {}
    };

    /**
     * Shows a metric. Never fails: a connector does not stop because it cannot be watched.
     *
     * @param tags besides those of connector and task
     * @param value a {@code Long}, or a {@code Double}, which is NaN while there is no value
     */
    void register(Metric metric, Map<Metric.Tag, String> tags, Supplier<? extends Number> value);

    /** Shows a metric without further tags. */
    default void register(Metric metric, Supplier<? extends Number> value) {
        register(metric, Map.of(), value);
    }

    /** Shows what could not be shown before, because an earlier task that is still ending had the name. Called now and then. */
    default void refresh() {}

    /** Shows nothing any more. */
    @Override
    void close();

    /**
     * A value that may not be known.
     *
     * @param known NaN stands for a negative number
     */
    static Number orNaN(long known) {
        return known < 0 ? UNKNOWN : Long.valueOf(known);
    }
}
