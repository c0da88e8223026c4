package io.pgseam.metrics;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MBeans of one owner in the platform's server. Its last one to register a name has it: of two tasks of the same number, of which one
 * is still ending, the newer one shows its metrics, and the end of the older one takes nothing away.
 */
public final class MBeans implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MBeans.class);

    /** The same characters as in the names that Kafka makes. */
    private static final Pattern PLAIN = Pattern.compile("[\\w-%. \t]*");

    /** Who has which name, of all owners in this class loader. Also the lock of everything below. */
    private static final Map<ObjectName, MBeans> OWNERS = new HashMap<>();

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    /** A value as a part of an object name. */
    public static String quoted(String value) {
        return PLAIN.matcher(value).matches() ? value : ObjectName.quote(value);
    }

    /**
     * Shows a bean. If that is impossible, the log says so, and nothing else happens.
     *
     * @param name an object name
     */
    public void register(String name, Object bean) {
        synchronized (OWNERS) {
            try {
                ObjectName object = new ObjectName(name);
                if (OWNERS.remove(object) != null) {
                    server.unregisterMBean(object);
                }
                server.registerMBean(bean, object);
                OWNERS.put(object, this);
            } catch (InstanceAlreadyExistsException e) {
                LOG.warn("MBean {} belongs to another connector on this worker: these metrics are not shown", name);
            } catch (JMException e) {
                LOG.warn("MBean {} cannot be registered: these metrics are not shown", name, e);
            }
        }
    }

    @Override
    public void close() {
        synchronized (OWNERS) {
            OWNERS.entrySet().removeIf(entry -> {
                if (entry.getValue() != this) {
                    return false;
                }
                unregister(entry.getKey());
                return true;
            });
        }
    }

    private void unregister(ObjectName name) {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            LOG.debug("MBean {} is gone already", name);
        } catch (JMException e) {
            LOG.warn("MBean {} cannot be unregistered", name, e);
        }
    }
}
