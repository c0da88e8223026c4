package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps what is found of each partition in a file, so that a run that was interrupted is resumed at the next partition. */
public final class ScanState {

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Range(String topic, long partition, long from, long to) {}

    private final @Nullable Path file;
    private final Map<Range, JsonNode> found = new HashMap<>();

    /**
     * @param file one JSON document a line; made if it does not exist. Null to keep nothing
     * @throws CommandFailure if it cannot be read
     */
    public ScanState(@Nullable Path file) {
        this.file = file;
        if (file == null || !Files.exists(file)) {
            return;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                // The last line may be cut off.
                if (line.endsWith("}")) {
                    JsonNode node = JSON.readTree(line);
                    found.put(range(node), node);
                }
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    file + " cannot be read, or is no file of pgseam verify --state: " + e.getMessage(), e);
        }
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
        if (file == null) {
            return;
        }
        ObjectNode node = scan.toJson();
        node.put("topic", topic);
        try {
            Files.writeString(
                    file,
                    JSON.writeValueAsString(node) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new CommandFailure("cannot write to " + file + ": " + e.getMessage(), e);
        }
    }
}
