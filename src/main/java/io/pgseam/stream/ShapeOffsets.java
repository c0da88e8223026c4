package io.pgseam.stream;

import io.pgseam.phase.OffsetRanges;
import io.pgseam.phase.ShapeHistory.Version;
import io.pgseam.phase.StreamOffset;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.TopicGroup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Finds the Kafka offsets from which a table's records have a new shape.
 *
 * <p>They are known only when Kafka has acknowledged the last record of the old shape and the first of the new one, and that
 * comes in another thread; so a change of shape is announced when its record is made, and asked for again when the committed
 * position of the stream is past it. Holds one number for each topic partition (invariant I11).
 *
 * <p>The committed position alone does not say that everything up to it is acknowledged here: with exactly-once support Connect commits a
 * transaction first, then acknowledges its records one by one in no order, and calls {@code commit()} at last. So offsets are read only
 * where no acknowledgement has come since that call, or within it.
 */
final class ShapeOffsets {

    /**
     * A change of shape whose offsets are known.
     *
     * @param oid the table
     * @param topic its topic
     * @param version the new shape
     * @param from by partition of that topic: the offset from which every record has it. A partition to which nothing was
     *     written is left out
     * @param exact whether every record before those offsets has an older shape; false where a task ended before it knew
     */
    record Located(long oid, String topic, Version version, Map<Integer, Long> from, boolean exact) {}

    private static final class Pending {
        private final long oid;
        private final String topic;
        private final Version version;
        private final boolean exact;
        private final TopicGroup group;
        private final OffsetRanges after = new OffsetRanges(OffsetRanges.Snapshot.EMPTY);

        private Pending(long oid, String topic, Version version, boolean exact, TopicGroup group) {
            this.oid = oid;
            this.topic = topic;
            this.version = version;
            this.exact = exact;
            this.group = group;
        }
    }

    private final OffsetRanges written = new OffsetRanges(OffsetRanges.Snapshot.EMPTY);
    private final List<Pending> pending = new ArrayList<>();
    private final Set<String> pendingTopics = new HashSet<>();

    /** Known, not told yet, by the change of shape. */
    private final Map<Pending, Located> known = new LinkedHashMap<>();

    /** The committed position that was heard of last; null before the first. */
    private @Nullable StreamPosition durable;

    /** Whether records were acknowledged since the last {@code commit()}: there may be more that are committed with them. */
    private boolean acknowledging;

    /**
     * A table's records have another shape from a place of the stream on that is not queued yet.
     *
     * @param group the group of the topic
     */
    synchronized void begins(long oid, String topic, Version version, TopicGroup group) {
        pending.add(new Pending(oid, topic, version, true, group));
        pendingTopics.add(topic);
    }

    /** The same of a shape that began before this task did. */
    synchronized void beganEarlier(long oid, String topic, Version version, TopicGroup group) {
        pending.add(new Pending(oid, topic, version, false, group));
        pendingTopics.add(topic);
    }

    /** Takes in where a record stands. */
    synchronized void acknowledged(SourceRecord record, RecordMetadata position) {
        // Not the topic that a transformation may have sent it to: its own.
        acknowledging = true;
        String topic = record.topic();
        written.add(topic, position.partition(), position.offset());
        if (!pendingTopics.isEmpty() && pendingTopics.contains(topic)) {
            for (Pending change : pending) {
                if (change.topic.equals(topic)
                        && record.sourceOffset() instanceof StreamOffset offset
                        && offset.isOfOrAfter(change.version.first())) {
                    change.after.add(topic, position.partition(), position.offset());
                }
            }
        }
    }

    /** Connect has acknowledged every record of what it has committed last. */
    synchronized void committed() {
        locate();
        acknowledging = false;
    }

    /**
     * The changes of shape whose offsets are known, until they are told.
     *
     * @param committed the committed position of the stream
     */
    synchronized List<Located> located(StreamPosition committed) {
        durable = committed;
        if (!acknowledging) {
            locate();
        }
        return List.copyOf(known.values());
    }

    private void locate() {
        StreamPosition committed = durable;
        if (committed == null) {
            return;
        }
        for (Pending change : pending) {
            if (committed.covers(change.version.first(), change.group)
                    && !partitions(change.after, change.topic).isEmpty()) {
                known.computeIfAbsent(change, of -> new Located(of.oid, of.topic, of.version, from(of), of.exact));
            }
        }
    }

    /** These offsets need not be kept any longer. */
    synchronized void told(Located located) {
        known.values().remove(located);
        pending.removeIf(change -> change.oid == located.oid() && change.version.equals(located.version()));
        pendingTopics.clear();
        pending.forEach(change -> pendingTopics.add(change.topic));
    }

    /** By partition of a topic, the offset after the last record that this task wrote there and Kafka has acknowledged. */
    synchronized Map<Integer, Long> ends(String topic) {
        Map<Integer, Long> ends = new TreeMap<>();
        partitions(written, topic).forEach((partition, range) -> ends.put(partition, range.last() + 1));
        return ends;
    }

    /** The first record of the new shape; where there is none yet, what follows the last record of the old one. */
    private Map<Integer, Long> from(Pending change) {
        Map<Integer, Long> from = ends(change.topic);
        partitions(change.after, change.topic).forEach((partition, range) -> from.put(partition, range.first()));
        return from;
    }

    private static Map<Integer, OffsetRanges.Range> partitions(OffsetRanges ranges, String topic) {
        return ranges.snapshot().ranges().getOrDefault(topic, Map.of());
    }
}
