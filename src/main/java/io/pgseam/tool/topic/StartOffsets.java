package io.pgseam.tool.topic;

import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The offset of each partition from which a target is loaded, checked against what Kafka has. */
public final class StartOffsets {

    /** Where loading begins. */
    public enum From {
        /** At the first record that Kafka has, if it has every copied row. */
        BEGINNING,
        /** At the first row that was copied for the newest seam. */
        SEAM,
        /** Behind the last copied row: for a table that has the rows already. */
        CHANGES
    }

    private final @Nullable Seam seam;

    /**
     * Offsets by what a seam says.
     *
     * @param seam the newest one; empty if there is none yet
     */
    public StartOffsets(Optional<Seam> seam) {
        this.seam = seam.orElse(null);
    }

    /**
     * The offsets of one topic.
     *
     * @param extents what Kafka has of each of its partitions
     * @throws CommandFailure if records are missing that have to be loaded, or there is no seam and one is needed
     */
    public SortedMap<Integer, Long> of(String topic, Map<Integer, Extent> extents, From from) {
        if (extents.isEmpty()) {
            throw new CommandFailure("topic " + topic
                    + " does not exist yet: start the connector first. Its partitions are part of" + " the statement");
        }
        if (from != From.BEGINNING && seam == null) {
            throw new CommandFailure(
                    "there is no seam yet, from which to load: wait for it (pgseam wait --seam), or load"
                            + " --from beginning");
        }
        SortedMap<Integer, Long> offsets = new TreeMap<>();
        extents.forEach((partition, extent) -> offsets.put(partition, of(topic, partition, extent, from)));
        return offsets;
    }

    private long of(String topic, int partition, Extent extent, From from) {
        Optional<Seam.Partition> copied = seam == null ? Optional.empty() : seam.partition(topic, partition);
        long needed = copied.map(from == From.CHANGES ? Seam.Partition::changesFrom : Seam.Partition::first)
                .orElse(0L);
        String place = "partition " + partition + " of " + topic;
        if (extent.earliest() > needed) {
            throw new CommandFailure(place + " begins at offset " + extent.earliest()
                    + " in Kafka: retention has removed what is before, and " + needed
                    + " is where loading has to begin. Copy the tables again, and set retention.ms and retention.bytes of the topics"
                    + " so that they outlive the load");
        }
        long offset = from == From.BEGINNING ? extent.earliest() : needed;
        if (offset > extent.end()) {
            throw new CommandFailure(place + " ends at offset " + extent.end() + " in Kafka, before " + offset
                    + ", of which the seam speaks: the topic was deleted and made again. Copy the tables again");
        }
        return offset;
    }
}
