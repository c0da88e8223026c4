package io.pgseam.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.connector.ConnectorContext;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's own registry of plugins' metrics (KIP-877): all of the worker's {@code metric.reporters} get them.
 *
 * <p>The only class that names {@link PluginMetrics}. Workers before 4.1 do not have it, and there {@code of} throws a
 * {@link LinkageError}; nothing else of the plugin needs it.
 */
final class PluginMetricRegistry implements MetricRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(PluginMetricRegistry.class);

    private final PluginMetrics metrics;
    private final Map<MetricName, Supplier<? extends Number>> inUse = new ConcurrentHashMap<>();

    private PluginMetricRegistry(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    static MetricRegistry of(ConnectorContext context) {
        return new PluginMetricRegistry(context.pluginMetrics());
    }

    static MetricRegistry of(SourceTaskContext context) {
        return new PluginMetricRegistry(context.pluginMetrics());
    }

    @Override
    public void register(Metric metric, Map<Metric.Tag, String> tags, Supplier<? extends Number> value) {
        LinkedHashMap<String, String> names = new LinkedHashMap<>();
        names.put(PLUGIN_TAG, PLUGIN);
        tags.forEach((tag, text) -> names.put(tag.key(), text));
        try {
            add(metrics.metricName(metric.metricName(), metric.meaning(), names), value);
        } catch (IllegalStateException e) {
            LOG.debug("The worker has ended the metrics of this plugin", e);
        }
    }

    private void add(MetricName name, Supplier<? extends Number> value) {
        Gauge<Number> gauge = (config, now) -> value.get();
        try {
            metrics.addMetric(name, gauge);
        } catch (IllegalArgumentException e) {
            // An earlier task of the same number, which Connect has given up and which is still ending.
            LOG.debug("Metric {} is in use, tries again", name, e);
            inUse.put(name, value);
        }
    }

    @Override
    public void refresh() {
        if (inUse.isEmpty()) {
            return;
        }
        Map<MetricName, Supplier<? extends Number>> again = Map.copyOf(inUse);
        inUse.keySet().removeAll(again.keySet());
        try {
            again.forEach(this::add);
        } catch (IllegalStateException e) {
            LOG.debug("The worker has ended the metrics of this plugin", e);
        }
    }

    /** Connect removes the metrics of a connector or a task when that has ended. */
    @Override
    public void close() {
        inUse.clear();
    }
}
