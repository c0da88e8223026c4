package io.pgseam.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.phase.OffsetRanges;
import org.jspecify.annotations.Nullable;

/** Writes where records are in their topics as JSON. */
final class OffsetsJson {

    private OffsetsJson() {}

    /** A hash in hexadecimal; null if it is not known. */
    static @Nullable String hex(@Nullable Long hash) {
        return hash == null ? null : Long.toHexString(hash);
    }

    /**
     * Puts ranges of offsets by topic and partition.
     *
     * @param seam whether it also says where the changes begin
     */
    static void put(ObjectNode byTopic, OffsetRanges.Snapshot ranges, boolean seam) {
        ranges.ranges().forEach((topic, partitions) -> {
            ObjectNode byPartition = byTopic.putObject(topic);
            partitions.forEach((partition, range) -> {
                ObjectNode offsets = byPartition
                        .putObject(String.valueOf(partition))
                        .put("first", range.first())
                        .put("last", range.last())
                        .put("rows", range.rows() < 0 ? null : Long.valueOf(range.rows()))
                        .put("hash", hex(range.hash()));
                if (seam) {
                    offsets.put("changes_from", range.last() + 1);
                }
            });
        });
    }
}
