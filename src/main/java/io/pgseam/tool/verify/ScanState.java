package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.tool.outcome.CommandFailure;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps what is found of each partition in a file, so that a run that was interrupted is resumed at the next partition. */
public final class ScanState {

    private record Range(String topic, long partition, long from, long to) {}

    private final StateFile file;
    private final Map<Range, JsonNode> found = new HashMap<>();

    /**
     * @param file one JSON document a line; made if it does not exist. Null to keep nothing
     * @throws CommandFailure if it cannot be read
     */
    public ScanState(@Nullable Path file) {
        this.file = new StateFile(file);
        this.file.read(node -> found.put(range(node), node));
    }

    private static Range range(JsonNode node) {
        return new Range(
                node.path("topic").asText(),
                node.path("partition").asLong(),
                node.path("from").asLong(),
                node.path("to").asLong());
    }

    /** What was found of the same range of offsets. */
    Optional<JsonNode> of(String topic, PartitionScan scan) {
        return Optional.ofNullable(found.get(new Range(topic, scan.partition(), scan.from(), scan.to())));
    }

    /** Keeps what was found. */
    void add(String topic, PartitionScan scan) {
        file.add(scan.toJson().put("topic", topic));
    }
}
