package io.pgseam.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * MBeans of the connector's own, for workers before Connect 4.1: {@code io.pgseam:type=plugins,connector=…[,task=…],plugin=pgseam} and further tags, with
 * the same attributes as the worker's registry has elsewhere.
 */
final class JmxMetricRegistry implements MetricRegistry {

    private static final String DOMAIN = "io.pgseam";

    private final String connector;
    private final @Nullable String task;
    private final Map<Map<Metric.Tag, String>, NumbersBean> beans = new HashMap<>();
    private final MBeans registered = new MBeans();

    /**
     * @param connector the connector's name
     * @param task tells the task from others; null for the connector itself
     */
    JmxMetricRegistry(String connector, @Nullable String task) {
        this.connector = connector;
        this.task = task;
    }

    @Override
    public synchronized void register(Metric metric, Map<Metric.Tag, String> tags, Supplier<? extends Number> value) {
        NumbersBean bean = beans.get(tags);
        if (bean == null) {
            bean = new NumbersBean();
            bean.add(metric, value);
            beans.put(Map.copyOf(tags), bean);
            registered.register(name(tags), bean);
        } else {
            bean.add(metric, value);
        }
    }

    private String name(Map<Metric.Tag, String> tags) {
        StringBuilder name = new StringBuilder(DOMAIN + ":type=plugins");
        append(name, "connector", connector);
        if (task != null) {
            append(name, "task", task);
        }
        append(name, PLUGIN_TAG, PLUGIN);
        for (Metric.Tag tag : Metric.Tag.values()) {
            if (tags.containsKey(tag)) {
                append(name, tag.key(), Objects.requireNonNull(tags.get(tag)));
            }
        }
        return name.toString();
    }

    private static void append(StringBuilder name, String key, String value) {
        name.append(',').append(key).append('=').append(MBeans.quoted(value));
    }

    @Override
    public synchronized void close() {
        registered.close();
        beans.clear();
    }
}
