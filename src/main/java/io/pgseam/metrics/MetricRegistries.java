package io.pgseam.metrics;

import org.apache.kafka.connect.connector.ConnectorContext;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what the worker offers: Connect 4.1 and later have a registry for plugins (KIP-877), earlier ones leave it to JMX. */
public final class MetricRegistries {

    private static final Logger LOG = LoggerFactory.getLogger(MetricRegistries.class);

    private MetricRegistries() {}

    /**
     * The registry of a connector.
     *
     * @param name the connector's name
     */
    public static MetricRegistry ofConnector(ConnectorContext context, String name) {
        try {
            return PluginMetricRegistry.of(context);
        } catch (LinkageError e) {
            return ofJmx(e, name, null);
        }
    }

    /**
     * The registry of a task.
     *
     * @param connector the connector's name
     * @param role tells the task from the others of the connector, if the worker does not
     */
    public static MetricRegistry ofTask(SourceTaskContext context, String connector, String role) {
        try {
            return PluginMetricRegistry.of(context);
        } catch (LinkageError e) {
            return ofJmx(e, connector, role);
        }
    }

    private static MetricRegistry ofJmx(LinkageError missing, String connector, @Nullable String task) {
        LOG.debug("This worker has no metrics of plugins (KIP-877): shows MBeans of its own", missing);
        return new JmxMetricRegistry(connector, task);
    }
}
