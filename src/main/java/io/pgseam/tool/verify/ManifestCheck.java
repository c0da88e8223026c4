package io.pgseam.tool.verify;

import io.pgseam.pg.Lsn;
import io.pgseam.tool.topic.TopicOffsets;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether the topics have the rows that the manifests claim: reads the part of each topic partition that has copied rows. Asks nothing of
 * the source.
 */
public final class ManifestCheck {

    private final TopicOffsets offsets;
    private final PartitionReader reader;
    private final Supplier<MessageRows> messages;
    private final ScanState state;
    private final Path workDirectory;
    private final Progress progress;
    private final boolean toEnd;

    /**
     * @param messages makes what takes messages apart
     * @param state keeps what is found, for a run that resumes this one
     * @param workDirectory for files, if a topic has rows twice
     * @param toEnd whether changes are read, too: their order is looked at, and that no copied row is among them
     */
    public ManifestCheck(
            TopicOffsets offsets,
            PartitionReader reader,
            Supplier<MessageRows> messages,
            ScanState state,
            Path workDirectory,
            Progress progress,
            boolean toEnd) {
        this.offsets = offsets;
        this.reader = reader;
        this.messages = messages;
        this.state = state;
        this.workDirectory = workDirectory;
        this.progress = progress;
        this.toEnd = toEnd;
    }

    /**
     * Checks topics.
     *
     * @param topics what the manifests claim of them
     * @throws io.pgseam.tool.outcome.CommandFailure if Kafka does not answer
     */
    public List<TopicResult> check(Collection<TopicClaims> topics) {
        List<String> names = topics.stream().map(TopicClaims::topic).toList();
        Map<String, Map<Integer, Extent>> extents = offsets.extents(names);
        Set<String> compacted = offsets.compacted(extents.keySet());
        List<TopicResult> results = new ArrayList<>();
        for (TopicClaims claims : topics) {
            Map<Integer, Extent> partitions = extents.getOrDefault(claims.topic(), Map.of());
            results.add(check(claims, partitions, compacted.contains(claims.topic())));
        }
        return results;
    }

    private TopicResult check(TopicClaims claims, Map<Integer, Extent> partitions, boolean compacted) {
        List<PartitionScan> scans = new ArrayList<>();
        partitions.forEach((partition, extent) -> scans.add(
                new PartitionScan(partition, extent.earliest(), end(claims, partition, extent), messages.get())));
        progress.begin(
                claims.topic(),
                scans.stream().mapToLong(scan -> scan.to() - scan.from()).sum());
        for (PartitionScan scan : scans) {
            state.of(claims.topic(), scan).ifPresentOrElse(scan::restore, () -> {
                TopicPartition partition = new TopicPartition(claims.topic(), scan.partition());
                reader.read(partition, scan.from(), scan.to(), scan::take, progress::add);
                state.add(claims.topic(), scan);
            });
        }
        return new TopicVerdict(claims, scans)
                .of(shortened(partitions, compacted), since -> distinct(claims.topic(), scans, since));
    }

    private long end(TopicClaims claims, int partition, Extent extent) {
        long end = toEnd
                ? extent.end()
                : claims.last(partition).map(last -> last + 1).orElse(extent.end());
        return Math.max(extent.earliest(), Math.min(end, extent.end()));
    }

    private static Optional<String> shortened(Map<Integer, Extent> partitions, boolean compacted) {
        if (compacted) {
            return Optional.of("the topic is compacted: Kafka removes copied rows that were changed since");
        }
        return partitions.entrySet().stream()
                .filter(partition -> partition.getValue().earliest() > 0)
                .findFirst()
                .map(partition -> "partition " + partition.getKey() + " begins at offset "
                        + partition.getValue().earliest() + " in Kafka: retention has removed what was before");
    }

    private RowSum distinct(String topic, List<PartitionScan> scans, Lsn since) {
        progress.begin(
                topic + ", once more for rows that came twice",
                scans.stream().mapToLong(scan -> scan.to() - scan.from()).sum());
        MessageRows rows = messages.get();
        try (HashSpill spill = new HashSpill(workDirectory)) {
            for (PartitionScan scan : scans) {
                TopicPartition partition = new TopicPartition(topic, scan.partition());
                reader.read(
                        partition,
                        scan.from(),
                        scan.to(),
                        message -> {
                            try {
                                rows.read(message, row -> {
                                    if (row.snapshot() && !row.lsn().isBefore(since)) {
                                        spill.add(row.hash());
                                    }
                                });
                            } catch (MalformedRowException e) {
                                // The first reading has named it.
                            }
                        },
                        progress::add);
            }
            return spill.distinct();
        }
    }
}
