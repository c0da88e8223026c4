package io.pgseam.phase;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions of a partitioned table the stream has told of, in the ledger.
 *
 * @param leaves the names of its leaves by their OIDs, for messages: a leaf that is dropped has none in the catalogue
 */
public record PartitionsState(Map<Long, String> leaves) {

    /** Of more partitions than this many characters can name, only OIDs are kept: a ledger's entry is one Kafka record. */
    private static final int MOST_CHARACTERS = 200_000;

    public PartitionsState {
        leaves = Map.copyOf(leaves);
    }

    /**
     * The source partition of what is said of a partitioned table.
     *
     * @param root its OID
     */
    public static Map<String, Object> sourcePartition(String server, long root) {
        return LedgerMap.of("server", server, "partitions_of", root);
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; null where there is none. */
    public static @Nullable PartitionsState fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null || !offset.containsKey("leaves")) {
            return null;
        }
        SortedMap<Long, String> leaves = new TreeMap<>();
        for (String line : new OffsetFields(offset).text("leaves").split("\n", -1)) {
            if (!line.isEmpty()) {
                String[] parts = line.split(" ", 2);
                leaves.put(Long.parseLong(parts[0]), parts.length == 1 ? "OID " + parts[0] : parts[1]);
            }
        }
        return new PartitionsState(leaves);
    }

    /** The source offset that says this: a leaf a line, its OID and its name. */
    public Map<String, Object> toSourceOffset() {
        int characters = leaves.values().stream().mapToInt(String::length).sum();
        return LedgerMap.of(
                "leaves",
                new TreeMap<>(leaves)
                        .entrySet().stream()
                                .map(leaf -> characters > MOST_CHARACTERS
                                        ? leaf.getKey().toString()
                                        : leaf.getKey() + " " + leaf.getValue().replace('\n', ' '))
                                .collect(Collectors.joining("\n")));
    }
}
