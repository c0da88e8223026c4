package io.pgseam.phase;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * First and last Kafka offset for each topic partition of a set of records: where they stand in the log.
 *
 * <p>Filled record by record from acknowledgements, in any order. Not thread-safe: its owner guards it.
 */
public final class OffsetRanges {

    private static final long NONE = -1;

    private final Map<String, long[]> ranges = new TreeMap<>();
    private boolean exact = true;
    private long leftOut;
    private String lastTopic = "";
    private long[] lastRanges = new long[0];

    /** Starts with what an earlier reader of the same chunk left. */
    public OffsetRanges(Snapshot earlier) {
        exact = earlier.exact();
        leftOut = earlier.leftOut();
        earlier.ranges()
                .forEach((topic, partitions) -> partitions.forEach((partition, range) -> {
                    add(topic, partition, range.first());
                    add(topic, partition, range.last());
                }));
    }

    /** Adds the position of one acknowledged record. */
    public void add(String topic, int partition, long offset) {
        if (!topic.equals(lastTopic)) {
            lastTopic = topic;
            lastRanges = ranges.computeIfAbsent(topic, ignored -> new long[0]);
        }
        if (partition * 2 >= lastRanges.length) {
            int length = lastRanges.length;
            lastRanges = Arrays.copyOf(lastRanges, partition * 2 + 2);
            Arrays.fill(lastRanges, length, lastRanges.length, NONE);
            ranges.put(topic, lastRanges);
        }
        int first = partition * 2;
        if (lastRanges[first] == NONE || offset < lastRanges[first]) {
            lastRanges[first] = offset;
        }
        if (offset > lastRanges[first + 1]) {
            lastRanges[first + 1] = offset;
        }
    }

    /** Says that some records were written whose positions are not known. */
    public void markInexact() {
        exact = false;
    }

    /** Says of one acknowledged record that it is in no topic. */
    public void addLeftOut() {
        leftOut++;
    }

    /** What is known by now. */
    public Snapshot snapshot() {
        Map<String, Map<Integer, Range>> byTopic = new TreeMap<>();
        ranges.forEach((topic, offsets) -> {
            Map<Integer, Range> byPartition = new TreeMap<>();
            for (int partition = 0; partition * 2 < offsets.length; partition++) {
                if (offsets[partition * 2] != NONE) {
                    byPartition.put(partition, new Range(offsets[partition * 2], offsets[partition * 2 + 1]));
                }
            }
            byTopic.put(topic, Collections.unmodifiableMap(byPartition));
        });
        return new Snapshot(Collections.unmodifiableMap(byTopic), exact, leftOut);
    }

    /**
     * The positions of records in one topic partition.
     *
     * @param first the lowest offset
     * @param last the highest offset
     */
    public record Range(long first, long last) {

        Range union(Range other) {
            return new Range(Math.min(first, other.first), Math.max(last, other.last));
        }
    }

    /**
     * An unchanging view.
     *
     * @param ranges topic, then partition, to positions
     * @param exact false where records may lie outside of the ranges, because a task died between their acknowledgement and
     *     the commit that would have told their positions
     * @param leftOut how many of the records are in no topic: they are too large, or Connect has dropped them
     */
    public record Snapshot(Map<String, Map<Integer, Range>> ranges, boolean exact, long leftOut) {

        public static final Snapshot EMPTY = new Snapshot(Map.of(), true);

        /** Of records that are all in a topic. */
        public Snapshot(Map<String, Map<Integer, Range>> ranges, boolean exact) {
            this(ranges, exact, 0);
        }

        /** The same, with so many records that are in no topic. */
        public Snapshot withLeftOut(long records) {
            return new Snapshot(ranges, exact, records);
        }

        /** Both together. */
        public Snapshot union(Snapshot other) {
            Map<String, Map<Integer, Range>> union = new TreeMap<>();
            ranges.forEach((topic, partitions) -> union.put(topic, new TreeMap<>(partitions)));
            other.ranges.forEach((topic, partitions) -> partitions.forEach((partition, range) ->
                    union.computeIfAbsent(topic, ignored -> new TreeMap<>()).merge(partition, range, Range::union)));
            return new Snapshot(union, exact && other.exact, leftOut + other.leftOut);
        }

        /** One line: {@code topic/partition:first-last}, separated by blanks; topic names hold neither blank nor slash. */
        public String text() {
            StringBuilder text = new StringBuilder();
            ranges.forEach((topic, partitions) ->
                    partitions.forEach((partition, range) -> text.append(text.isEmpty() ? "" : " ")
                            .append(topic)
                            .append('/')
                            .append(partition)
                            .append(':')
                            .append(range.first())
                            .append('-')
                            .append(range.last())));
            return text.toString();
        }

        /**
         * Reads {@link #text()}.
         *
         * @throws IllegalArgumentException where the text has another form
         */
        public static Snapshot parse(String text, boolean exact) {
            Map<String, Map<Integer, Range>> ranges = new TreeMap<>();
            for (String part : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
                int slash = part.indexOf('/');
                int colon = part.indexOf(':', slash);
                int dash = part.indexOf('-', colon);
                if (slash < 1 || colon < slash || dash < colon) {
                    throw new IllegalArgumentException("not a range of Kafka offsets: '" + part + "'");
                }
                Range range =
                        new Range(Long.parseLong(part, colon + 1, dash, 10), Long.parseLong(part.substring(dash + 1)));
                ranges.computeIfAbsent(part.substring(0, slash), ignored -> new TreeMap<>())
                        .put(Integer.parseInt(part, slash + 1, colon, 10), range);
            }
            return new Snapshot(ranges, exact);
        }
    }
}
