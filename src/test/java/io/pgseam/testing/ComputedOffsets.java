package io.pgseam.testing;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/** Committed offsets of so many partitions that a test computes them, and counts how many are asked for. */
public final class ComputedOffsets implements OffsetStorageReader {

    private final Function<Map<String, ?>, @Nullable Map<String, Object>> offsetOf;
    private long asked;

    /** @param offsetOf gives the offset of a partition; null if nothing is committed of it */
    public ComputedOffsets(Function<Map<String, ?>, @Nullable Map<String, Object>> offsetOf) {
        this.offsetOf = offsetOf;
    }

    /** How many partitions were asked for since the last call. */
    public long asked() {
        long now = asked;
        asked = 0;
        return now;
    }

    @Override
    public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
        asked++;
        return offsetOf.apply(partition);
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
        Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
        for (Map<String, T> partition : partitions) {
            asked++;
            Map<String, Object> offset = offsetOf.apply(partition);
            if (offset != null) {
                found.put(partition, offset);
            }
        }
        return found;
    }
}
