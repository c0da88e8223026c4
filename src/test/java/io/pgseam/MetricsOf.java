package io.pgseam;

import io.pgseam.metrics.Metric;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.TreeSet;
import javax.management.AttributeNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** A connector's metrics as the Connect workers of this JVM show them in JMX. */
final class MetricsOf {

    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private final String connector;

    MetricsOf(String connector) {
        this.connector = connector;
    }

    /**
     * The sum of a metric over all tasks.
     *
     * @param tags further tags, as in an object name: {@code table=public.orders}; none for the beans without
     * @return NaN if nobody has the metric
     */
    double sum(Metric metric, String... tags) throws JMException {
        double sum = Double.NaN;
        for (ObjectName name : beans()) {
            int own = (name.getKeyProperty("task") == null ? 3 : 4) + tags.length;
            if (name.getKeyPropertyList().size() == own && String.valueOf(name).contains(String.join(",", tags))) {
                try {
                    double value = ((Number) SERVER.getAttribute(name, metric.metricName())).doubleValue();
                    sum = Double.isNaN(sum) ? value : sum + value;
                } catch (AttributeNotFoundException e) {
                    // Of another role.
                }
            }
        }
        return sum;
    }

    /** Every metric that somebody shows. */
    Set<String> names() throws JMException {
        Set<String> names = new TreeSet<>();
        for (ObjectName bean : beans()) {
            for (var attribute : SERVER.getMBeanInfo(bean).getAttributes()) {
                names.add(attribute.getName());
            }
        }
        return names;
    }

    /** The names of the connector's MBeans. */
    Set<ObjectName> beans() throws JMException {
        return SERVER.queryNames(new ObjectName("kafka.connect:type=plugins,connector=" + connector + ",*"), null);
    }
}
