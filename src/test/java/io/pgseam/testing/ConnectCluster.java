package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.phase.StreamPosition;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.connect.util.clusters.EmbeddedConnectCluster;
import org.apache.kafka.connect.util.clusters.WorkerHandle;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker and a real cluster of distributed Connect workers, in this JVM. Connectors are found on the class
 * path, by their service files.
 *
 * <p>Tests share clusters by {@link #shared} and keep apart by connector names and topic prefixes; a test that adds or
 * removes workers puts them back by {@link #restoreWorkers}. Not for use by several threads at once.
 */
public final class ConnectCluster implements AutoCloseable {

    /** What the workers promise for source connectors. */
    public enum Delivery {
        AT_LEAST_ONCE,
        EXACTLY_ONCE
    }

    private record Shape(int workers, Delivery delivery) {}

    private static final int ADMIN_TIMEOUT_SECONDS = 90;

    private static final Map<Shape, ConnectCluster> SHARED = new ConcurrentHashMap<>();
    private static final Set<ConnectCluster> OPEN = Collections.newSetFromMap(new ConcurrentHashMap<>());

    private final EmbeddedConnectCluster cluster;
    private final int startedWorkers;
    private final Map<String, String> workerSettings;
    private final ConnectRest rest;
    private final Admin admin;
    private final OffsetTopic offsets;

    private ConnectCluster(EmbeddedConnectCluster cluster, Map<String, String> workerSettings) {
        this.cluster = cluster;
        this.startedWorkers = cluster.workers().size();
        this.workerSettings = workerSettings;
        this.rest = new ConnectRest(this::anyWorker);
        this.admin = cluster.kafka().createAdminClient();
        this.offsets = new OffsetTopic(bootstrapServers(), offsetTopic());
    }

    /** Starts a cluster that belongs to the caller, who closes it. */
    public static ConnectCluster start(int workers, Delivery delivery) {
        return start(workers, delivery, Map.of());
    }

    /**
     * Starts a cluster that belongs to the caller, who closes it.
     *
     * @param workerSettings settings of the workers by name, over the ones that every test cluster gets
     */
    public static ConnectCluster start(int workers, Delivery delivery, Map<String, String> workerSettings) {
        Map<String, String> settings = workerSettings(delivery);
        settings.putAll(workerSettings);
        EmbeddedConnectCluster cluster = new EmbeddedConnectCluster.Builder()
                .numWorkers(workers)
                .numBrokers(1)
                .brokerProps(brokerSettings())
                .workerProps(settings)
                .build();
        keepingClassLoader(cluster::start);
        ConnectCluster started = new ConnectCluster(cluster, settings);
        OPEN.add(started);
        return started;
    }

    /**
     * The cluster of this shape that all tests of the JVM share; started by the first who asks. Do not close it, restore its
     * workers, and delete the connectors that were made on it.
     */
    public static ConnectCluster shared(int workers, Delivery delivery) {
        return SHARED.computeIfAbsent(new Shape(workers, delivery), shape -> start(shape.workers(), shape.delivery()));
    }

    /** Closes what is open, shared clusters too. */
    static void closeAll() {
        List.copyOf(OPEN).forEach(ConnectCluster::close);
    }

    /** What a broker needs that is alone. */
    public static Properties brokerSettings() {
        Properties settings = new Properties();
        // One broker, and no more internal partitions than tests need: each costs time at start and at stop.
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.num.partitions", "2");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("auto.create.topics.enable", "false");
        return settings;
    }

    /** What every worker of the tests gets, in this JVM or in its own; a map that the caller may change. */
    static Map<String, String> workerSettings(Delivery delivery) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("plugin.discovery", "service_load");
        settings.put("exactly.once.source.support", delivery == Delivery.EXACTLY_ONCE ? "enabled" : "disabled");
        settings.put("key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        settings.put("offset.flush.interval.ms", "500");
        settings.put("offset.storage.partitions", "2");
        settings.put("status.storage.partitions", "1");
        // A worker learns of a rebalance with its next heartbeat, and the tasks of a lost worker move at once.
        settings.put("heartbeat.interval.ms", "200");
        settings.put("scheduled.rebalance.max.delay.ms", "0");
        // A task that ends waits for the fetch of its consumer of offsets: half a second by default.
        settings.put("consumer.fetch.max.wait.ms", "100");
        return settings;
    }

    /** Starting and stopping a worker leaves the class loader of its plugins on the calling thread. */
    private static void keepingClassLoader(Runnable action) {
        ClassLoader original = Thread.currentThread().getContextClassLoader();
        try {
            action.run();
        } finally {
            Thread.currentThread().setContextClassLoader(original);
        }
    }

    private URI anyWorker() {
        return cluster.workers().stream()
                .findFirst()
                .map(WorkerHandle::url)
                .orElseThrow(() -> new IllegalStateException("the cluster has no worker"));
    }

    /** What the workers promise. */
    public Delivery delivery() {
        return workerSettings.get("exactly.once.source.support").equals("enabled")
                ? Delivery.EXACTLY_ONCE
                : Delivery.AT_LEAST_ONCE;
    }

    public String bootstrapServers() {
        return cluster.kafka().bootstrapServers();
    }

    public ConnectRest rest() {
        return rest;
    }

    /** An administration client of the broker; closed with the cluster. */
    public Admin admin() {
        return admin;
    }

    // Connectors

    /** A connector, which need not exist yet. */
    public ConnectorClient connector(String name) {
        return new ConnectorClient(rest, name);
    }

    /** Creates the connector, or gives it another configuration. */
    public void configure(String connector, Map<String, String> settings) {
        connector(connector).configure(settings);
    }

    /** @see ConnectorClient#faults */
    public Map<String, List<String>> validate(String connectorClass, Map<String, String> settings) {
        return connector("validated").faults(connectorClass, settings);
    }

    public ConnectorStatus status(String connector) {
        return connector(connector).status();
    }

    /**
     * Waits until the connector and exactly this many tasks run. Fails at once where one of them has failed.
     *
     * @throws AssertionError with the last status and its traces
     */
    public void awaitRunning(String connector, int tasks) {
        awaitStatus(connector, "runs with " + tasks + " tasks", status -> {
            if (status.anyFailed()) {
                throw new AssertionError("connector " + connector + " failed\n" + status);
            }
            return status.allRunning() && status.tasks().size() == tasks;
        });
    }

    /**
     * Waits until the connector or one of its tasks has failed.
     *
     * @return the status with the traces
     * @throws AssertionError with the last status
     */
    public ConnectorStatus awaitFailed(String connector) {
        awaitStatus(connector, "fails", ConnectorStatus::anyFailed);
        return status(connector);
    }

    /**
     * Waits for a state of a connector.
     *
     * @param description what the connector does then, to follow its name: "runs", "is paused"
     * @throws AssertionError with the last status and its traces
     */
    public void awaitStatus(String connector, String description, Predicate<ConnectorStatus> expected) {
        Eventually.holds(
                "connector " + connector + " " + description,
                () -> expected.test(status(connector)),
                () -> status(connector).toString());
    }

    /** Pauses the connector; returns when the connector and its tasks are paused. */
    public void pause(String connector) {
        connector(connector).pause();
        awaitStatus(
                connector,
                "is paused",
                status -> status.connector().is("PAUSED")
                        && status.tasks().stream().allMatch(task -> task.is("PAUSED")));
    }

    /** Resumes a paused or stopped connector; does not wait. */
    public void resume(String connector) {
        connector(connector).resume();
    }

    /** Stops the connector; returns when it has no tasks any more. */
    public void stop(String connector) {
        connector(connector).stop();
        awaitStatus(
                connector,
                "is stopped",
                status -> status.connector().is("STOPPED") && status.tasks().isEmpty());
    }

    /**
     * Restarts the connector and all of its tasks; does not wait, and the status may still say RUNNING from before: wait for
     * what only the restarted task does.
     */
    public void restart(String connector) {
        connector(connector).restartWithTasks(false);
    }

    /** Restarts one task; does not wait, see {@link #restart}. */
    public void restartTask(String connector, int task) {
        connector(connector).restartTask(task);
    }

    /** Deletes the connector, if it exists; returns when it is gone. Its offsets stay. */
    public void delete(String connector) {
        connector(connector).delete();
        Eventually.holds(
                "connector " + connector + " is gone",
                () -> !connector(connector).isKnown());
    }

    /** The committed source offsets: offset by partition, both as the connector wrote them. */
    public Map<JsonNode, JsonNode> offsets(String connector) {
        return connector(connector).offsets();
    }

    /** The committed position of a connector's stream; null before the first. */
    public @Nullable StreamPosition streamPosition(String connector) {
        return offsets.streamPosition(connector);
    }

    private String offsetTopic() {
        return settled(admin.listTopics().names()).stream()
                .filter(name -> name.startsWith("connect-offset"))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Lets no worker commit source offsets any more, or again: while they may not, the broker refuses what they write to their offset
     * topics, and they try again without end. Only for workers that deliver at least once.
     */
    public void setCommitting(boolean committing) {
        AlterConfigOp size = new AlterConfigOp(
                new ConfigEntry("max.message.bytes", "1"),
                committing ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET);
        settled(admin.incrementalAlterConfigs(
                        Map.of(new ConfigResource(ConfigResource.Type.TOPIC, offsetTopic()), List.of(size)))
                .all());
    }

    // Workers

    /** URLs of the workers of this JVM. */
    public List<URI> workers() {
        return cluster.workers().stream().map(WorkerHandle::url).toList();
    }

    /** Starts one more worker in this JVM. */
    public void addWorker() {
        keepingClassLoader(cluster::addWorker);
    }

    /**
     * Stops a worker of this JVM in good order: its tasks stop, and commit what they have.
     *
     * @param url one of {@link #workers()}
     */
    public void removeWorker(URI url) {
        WorkerHandle worker = cluster.workers().stream()
                .filter(candidate -> candidate.url().equals(url))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no worker at " + url));
        keepingClassLoader(() -> cluster.removeWorker(worker));
    }

    /** Starts or stops workers until there are as many as there were at the start: a test that shares the cluster leaves it so. */
    public void restoreWorkers() {
        while (cluster.workers().size() < startedWorkers) {
            addWorker();
        }
        while (cluster.workers().size() > startedWorkers) {
            removeWorker(workers().get(0));
        }
    }

    // Topics

    /** Creates a topic and waits until the broker knows it. */
    public void createTopic(String topic, int partitions) {
        settled(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all());
    }

    /** Names of all topics, without Kafka's and Connect's internal ones. */
    public Set<String> topics() {
        Set<String> topics = new TreeSet<>(settled(admin.listTopics().names()));
        topics.removeIf(topic -> topic.startsWith("__") || topic.startsWith("connect-"));
        return topics;
    }

    private static <T> T settled(KafkaFuture<T> future) {
        try {
            return future.get(ADMIN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the broker did not do it", e);
        }
    }

    /** Stops the workers and the broker. Closing twice does nothing. */
    @Override
    public void close() {
        if (!OPEN.remove(this)) {
            return;
        }
        SHARED.values().remove(this);
        offsets.close();
        admin.close();
        keepingClassLoader(cluster::stop);
    }

    @Override
    public String toString() {
        return "Connect cluster of " + cluster.workers().size() + " workers, " + delivery();
    }
}
