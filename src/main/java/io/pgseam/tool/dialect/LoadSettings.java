package io.pgseam.tool.dialect;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Where a table is loaded from.
 *
 * @param brokers Kafka, as the target reaches it
 * @param offsets for each partition of the topic, the first offset to read
 * @param concurrency how many consumers read at once, at most
 * @param group name of the consumer group
 */
public record LoadSettings(String brokers, SortedMap<Integer, Long> offsets, int concurrency, String group) {

    public LoadSettings {
        offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
        if (offsets.isEmpty()) {
            throw new IllegalArgumentException("a topic without partitions");
        }
    }

    String partitionList() {
        return offsets.keySet().stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    String offsetList() {
        return offsets.values().stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** More consumers than partitions do nothing. */
    int consumers() {
        return Math.max(1, Math.min(concurrency, offsets.size()));
    }
}
