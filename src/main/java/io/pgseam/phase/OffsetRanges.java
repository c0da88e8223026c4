package io.pgseam.phase;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * For each topic partition of a set of rows: first and last Kafka offset, how many rows there are, and the sum of their hashes.
 *
 * <p>Filled record by record from acknowledgements, in any order. Not thread-safe: its owner guards it.
 */
public final class OffsetRanges {

    private static final long NONE = -1;

    /** What one partition takes in an array: first offset, last offset, rows, sum of hashes. */
    private static final int FIELDS = 4;

    private static final int LAST = 1;
    private static final int ROWS = 2;
    private static final int HASH = 3;

    private final Map<String, long[]> ranges = new TreeMap<>();
    private boolean exact = true;
    private boolean counted = true;
    private boolean hashed = true;
    private long leftOut;
    private String lastTopic = "";
    private long[] lastRanges = new long[0];

    /** Starts with what an earlier reader of the same chunk left. */
    public OffsetRanges(Snapshot earlier) {
        exact = earlier.exact();
        leftOut = earlier.leftOut();
        earlier.ranges()
                .forEach((topic, partitions) -> partitions.forEach((partition, range) -> {
                    int at = place(topic, partition);
                    lastRanges[at] = range.first();
                    lastRanges[at + LAST] = range.last();
                    lastRanges[at + ROWS] = Math.max(0, range.rows());
                    lastRanges[at + HASH] = range.hash() == null ? 0 : range.hash();
                    counted &= range.rows() >= 0;
                    hashed &= range.hash() != null;
                }));
    }

    /** Adds the position of one acknowledged row of which no hash is known. */
    public void add(String topic, int partition, long offset) {
        addUnhashed(topic, partition, offset, 1);
    }

    /** Adds the position of an acknowledged record with so many rows, of which no hash is known. */
    public void addUnhashed(String topic, int partition, long offset, int rows) {
        hashed = false;
        add(topic, partition, offset, rows, 0);
    }

    /**
     * Adds the position of an acknowledged record.
     *
     * @param rows how many rows it has
     * @param hash the sum of their hashes
     */
    public void add(String topic, int partition, long offset, long rows, long hash) {
        int at = place(topic, partition);
        long[] found = lastRanges;
        if (found[at] == NONE || offset < found[at]) {
            found[at] = offset;
        }
        if (offset > found[at + LAST]) {
            found[at + LAST] = offset;
        }
        found[at + ROWS] += rows;
        found[at + HASH] += hash;
    }

    /** Where a partition begins in {@code lastRanges}, which are those of the topic afterwards. */
    private int place(String topic, int partition) {
        if (!topic.equals(lastTopic)) {
            lastTopic = topic;
            lastRanges = ranges.computeIfAbsent(topic, ignored -> new long[0]);
        }
        int at = partition * FIELDS;
        int length = lastRanges.length;
        if (at >= length) {
            lastRanges = Arrays.copyOf(lastRanges, at + FIELDS);
            for (int added = length; added < lastRanges.length; added += FIELDS) {
                lastRanges[added] = NONE;
                lastRanges[added + LAST] = NONE;
            }
            ranges.put(topic, lastRanges);
        }
        return at;
    }

    /** Says that some records were written whose positions are not known. */
    public void markInexact() {
        exact = false;
    }

    /** Says of one acknowledged record that it is in no topic. */
    public void addLeftOut(int rows) {
        leftOut += rows;
    }

    /** What is known by now. */
    public Snapshot snapshot() {
        Map<String, Map<Integer, Range>> byTopic = new TreeMap<>();
        ranges.forEach((topic, fields) -> {
            Map<Integer, Range> byPartition = new TreeMap<>();
            for (int at = 0; at < fields.length; at += FIELDS) {
                if (fields[at] != NONE) {
                    byPartition.put(
                            at / FIELDS,
                            new Range(
                                    fields[at],
                                    fields[at + LAST],
                                    counted ? fields[at + ROWS] : Range.UNKNOWN,
                                    counted && hashed ? fields[at + HASH] : null));
                }
            }
            byTopic.put(topic, Collections.unmodifiableMap(byPartition));
        });
        return new Snapshot(Collections.unmodifiableMap(byTopic), exact, leftOut);
    }

    /**
     * The rows of one topic partition.
     *
     * @param first the lowest offset
     * @param last the highest offset
     * @param rows how many rows there are; {@link #UNKNOWN} if an earlier version has not counted them
     * @param hash the sum of their hashes, see {@link io.pgseam.record.MessageHash}; null if that of some row is not known
     */
    public record Range(
            long first, long last, long rows, @Nullable Long hash) {

        /** Rows that were not counted. */
        public static final long UNKNOWN = -1;

        Range union(Range other) {
            boolean bothCounted = rows >= 0 && other.rows >= 0;
            return new Range(
                    Math.min(first, other.first),
                    Math.max(last, other.last),
                    bothCounted ? rows + other.rows : UNKNOWN,
                    hash == null || other.hash == null ? null : Long.valueOf(hash + other.hash));
        }

        /** {@code first-last:rows:hash}, without what is not known. */
        private String text() {
            return first + "-" + last + (rows < 0 ? "" : ":" + rows)
                    + (rows < 0 || hash == null ? "" : ":" + Long.toHexString(hash));
        }

        private static Range parse(String text) {
            String[] parts = text.split(":", -1);
            int dash = parts[0].indexOf('-');
            if (dash < 0 || parts.length > 3) {
                throw new IllegalArgumentException("not a range: '" + text + "'");
            }
            return new Range(
                    Long.parseLong(parts[0], 0, dash, 10),
                    Long.parseLong(parts[0].substring(dash + 1)),
                    parts.length > 1 ? Long.parseUnsignedLong(parts[1]) : UNKNOWN,
                    parts.length > 2 ? Long.valueOf(Long.parseUnsignedLong(parts[2], 16)) : null);
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

        /**
         * One line: {@code topic/partition:first-last:rows:hash}, separated by blanks; topic names hold neither blank nor slash. What is
         * not known is absent.
         */
        public String text() {
            StringBuilder text = new StringBuilder();
            ranges.forEach((topic, partitions) ->
                    partitions.forEach((partition, range) -> text.append(text.isEmpty() ? "" : " ")
                            .append(topic)
                            .append('/')
                            .append(partition)
                            .append(':')
                            .append(range.text())));
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
                if (slash < 1 || colon < slash) {
                    throw new IllegalArgumentException("not a range of Kafka offsets: '" + part + "'");
                }
                ranges.computeIfAbsent(part.substring(0, slash), ignored -> new TreeMap<>())
                        .put(Integer.parseInt(part, slash + 1, colon, 10), Range.parse(part.substring(colon + 1)));
            }
            return new Snapshot(ranges, exact);
        }
    }
}
