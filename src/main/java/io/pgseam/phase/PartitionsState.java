package io.pgseam.phase;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions of a partitioned table the stream has told of, in the ledger.
 *
 * @param leaves OIDs of its leaves
 */
public record PartitionsState(Set<Long> leaves) {

    public PartitionsState {
        leaves = Set.copyOf(leaves);
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
        List<Long> leaves = new ArrayList<>();
        for (String oid : new OffsetFields(offset).text("leaves").split(" ", -1)) {
            if (!oid.isEmpty()) {
                leaves.add(Long.parseLong(oid));
            }
        }
        return of(leaves);
    }

    /** The state of these leaves, by OID. */
    public static PartitionsState of(Collection<Long> leaves) {
        return new PartitionsState(Set.copyOf(leaves));
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of(
                "leaves", new TreeSet<>(leaves).stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
}
