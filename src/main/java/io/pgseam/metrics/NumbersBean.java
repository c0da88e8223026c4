package io.pgseam.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ReflectionException;

/** An MBean whose attributes are metrics. They may become more while it is registered. */
final class NumbersBean implements DynamicMBean {

    private record Shown(Metric metric, Supplier<? extends Number> value) {}

    private final Map<String, Shown> shown = new ConcurrentSkipListMap<>();

    void add(Metric metric, Supplier<? extends Number> value) {
        shown.put(metric.metricName(), new Shown(metric, value));
    }

    @Override
    public Object getAttribute(String attribute) throws AttributeNotFoundException {
        Shown found = shown.get(attribute);
        if (found == null) {
            throw new AttributeNotFoundException(attribute);
        }
        return found.value().get();
    }

    @Override
    public AttributeList getAttributes(String[] attributes) {
        AttributeList list = new AttributeList();
        for (String attribute : attributes) {
            Shown found = shown.get(attribute);
            if (found != null) {
                list.add(new Attribute(attribute, found.value().get()));
            }
        }
        return list;
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        MBeanAttributeInfo[] attributes = shown.values().stream()
                .map(each -> new MBeanAttributeInfo(
                        each.metric().metricName(),
                        Number.class.getName(),
                        each.metric().meaning(),
                        true,
                        false,
                        false))
                .toArray(MBeanAttributeInfo[]::new);
        return new MBeanInfo(getClass().getName(), "Metrics of pgseam", attributes, null, null, null);
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException("metrics cannot be set");
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object[] arguments, String[] signature) throws ReflectionException {
        throw new ReflectionException(new NoSuchMethodException(action), "there are no operations");
    }
}
