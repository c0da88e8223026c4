package io.pgseam.tool.topic;

import io.pgseam.tool.outcome.CommandFailure;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownMemberIdException;

/** Offsets of topics and of consumer groups. */
public final class TopicOffsets implements AutoCloseable {

    /**
     * The records that a partition has.
     *
     * @param earliest offset of the first one
     * @param end offset after the last committed one
     */
    public record Extent(long earliest, long end) {}

    private static final long PAUSE_MS = 500;

    private final KafkaFailures failures;
    private final Admin admin;

    /** @param clientProperties properties of Kafka's clients */
    public TopicOffsets(Map<String, Object> clientProperties) {
        this.failures = new KafkaFailures(clientProperties);
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, KafkaFailures.TIMEOUT_MS);
        properties.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, KafkaFailures.TIMEOUT_MS);
        try {
            this.admin = Admin.create(properties);
        } catch (KafkaException e) {
            throw failures.of(e);
        }
    }

    /**
     * The extent of each partition of these topics; a topic that does not exist is left out.
     *
     * @throws CommandFailure if Kafka does not answer
     */
    public Map<String, Map<Integer, Extent>> extents(Collection<String> topics) {
        Set<String> existing = new HashSet<>(failures.settled(admin.listTopics().names()));
        existing.retainAll(topics);
        Map<TopicPartition, OffsetSpec> first = new HashMap<>();
        failures.settled(admin.describeTopics(existing).allTopicNames())
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(partition ->
                                first.put(new TopicPartition(topic, partition.partition()), OffsetSpec.earliest())));
        Map<TopicPartition, OffsetSpec> last = new HashMap<>();
        first.keySet().forEach(partition -> last.put(partition, OffsetSpec.latest()));
        ListOffsetsOptions committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
        Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> earliest =
                failures.settled(admin.listOffsets(first, committed).all());
        Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> latest =
                failures.settled(admin.listOffsets(last, committed).all());
        Map<String, Map<Integer, Extent>> extents = new TreeMap<>();
        earliest.forEach((partition, offset) -> {
            ListOffsetsResult.ListOffsetsResultInfo end = latest.get(partition);
            if (end != null) {
                extents.computeIfAbsent(partition.topic(), unused -> new TreeMap<>())
                        .put(partition.partition(), new Extent(offset.offset(), end.offset()));
            }
        });
        return extents;
    }

    /** Offsets of one topic's partitions. */
    public static Map<TopicPartition, Long> of(String topic, Map<Integer, Long> offsets) {
        Map<TopicPartition, Long> named = new HashMap<>();
        offsets.forEach((partition, offset) -> named.put(new TopicPartition(topic, partition), offset));
        return named;
    }

    /**
     * Those of these topics that are compacted: Kafka removes messages from them that have a later one of the same key.
     *
     * @throws CommandFailure if Kafka does not answer
     */
    public Set<String> compacted(Collection<String> topics) {
        List<ConfigResource> resources = topics.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        Set<String> compacted = new HashSet<>();
        failures.settled(admin.describeConfigs(resources).all()).forEach((resource, config) -> {
            ConfigEntry policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG);
            if (policy != null && policy.value().contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
                compacted.add(resource.name());
            }
        });
        return compacted;
    }

    /**
     * Commits offsets for a consumer group.
     *
     * @throws CommandFailure if the group has members, or Kafka refuses otherwise
     */
    public void commit(String group, Map<TopicPartition, Long> offsets) {
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        offsets.forEach((partition, offset) -> committed.put(partition, new OffsetAndMetadata(offset)));
        try {
            failures.settled(admin.alterConsumerGroupOffsets(group, committed).all());
        } catch (CommandFailure e) {
            if (e.getCause() instanceof UnknownMemberIdException) {
                throw new CommandFailure(
                        "consumer group " + group
                                + " has members, and Kafka changes the offsets of an idle group only: stop"
                                + " its consumers first (ClickHouse: DETACH TABLE of the queue)",
                        e);
            }
            throw e;
        }
    }

    /**
     * Commits offsets for a consumer group whose members are leaving: they take a moment, or their session's timeout.
     *
     * @throws CommandFailure if the group still has members after {@code patience}, or Kafka refuses otherwise
     */
    public void commitOnceIdle(String group, Map<TopicPartition, Long> offsets, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                commit(group, offsets);
                return;
            } catch (CommandFailure e) {
                boolean busy = e.getCause() instanceof CommandFailure cause
                        && cause.getCause() instanceof UnknownMemberIdException;
                if (!busy || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure("interrupted", e);
            }
        }
    }

    /**
     * The offsets that a consumer group has committed, of each partition the next one that it will read.
     *
     * @return empty if the group does not exist
     * @throws CommandFailure if Kafka does not answer
     */
    public Map<TopicPartition, Long> committed(String group) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        failures.settled(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .forEach((partition, offset) -> {
                    if (offset != null) {
                        offsets.put(partition, offset.offset());
                    }
                });
        return offsets;
    }

    @Override
    public void close() {
        admin.close();
    }
}
