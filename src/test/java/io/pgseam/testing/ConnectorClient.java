package io.pgseam.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.phase.StreamPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One connector, over the REST interface of its Connect cluster. Each method is one request, and does not wait for what the
 * request brings about. Methods throw {@link ConnectRest.Refused} if the answer is not a success.
 */
public final class ConnectorClient {

    private static final int NOT_FOUND = 404;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ConnectRest rest;
    private final String path;
    private final String name;

    public ConnectorClient(ConnectRest rest, String name) {
        this.rest = rest;
        this.name = name;
        this.path = "/connectors/" + name;
    }

    /** Creates the connector, or changes its settings. */
    public void configure(Map<String, String> settings) {
        rest.put(path + "/config", new TreeMap<>(settings));
    }

    /**
     * Lets Connect validate settings.
     *
     * @param connectorClass full or simple name of the class
     * @return the messages by setting; without the settings that have no fault
     */
    public Map<String, List<String>> faults(String connectorClass, Map<String, String> settings) {
        Map<String, String> complete = new TreeMap<>(settings);
        complete.putIfAbsent("connector.class", connectorClass);
        complete.putIfAbsent("name", name);
        Map<String, List<String>> faults = new TreeMap<>();
        rest.put("/connector-plugins/" + connectorClass + "/config/validate", complete)
                .path("configs")
                .forEach(config -> {
                    List<String> messages = new ArrayList<>();
                    config.path("value").path("errors").forEach(message -> messages.add(message.asText()));
                    if (!messages.isEmpty()) {
                        faults.put(config.path("value").path("name").asText(), messages);
                    }
                });
        return faults;
    }

    public ConnectorStatus status() {
        return ConnectorStatus.of(rest.get(path + "/status"));
    }

    /** Whether the worker that answers knows the connector; just after its creation it may not. */
    public boolean isKnown() {
        return unlessMissing(() -> rest.get(path + "/status"));
    }

    public void pause() {
        rest.put(path + "/pause", null);
    }

    /** Resumes the paused or stopped connector. */
    public void resume() {
        rest.put(path + "/resume", null);
    }

    public void stop() {
        rest.put(path + "/stop", null);
    }

    /** Restarts the connector itself, and with it its leader, but no task. */
    public void restart() {
        rest.post(path + "/restart", null);
    }

    /** Restarts the connector and its tasks. */
    public void restartWithTasks(boolean onlyFailed) {
        rest.post(path + "/restart?includeTasks=true&onlyFailed=" + onlyFailed, null);
    }

    public void restartTask(int task) {
        rest.post(path + "/tasks/" + task + "/restart", null);
    }

    /** Deletes the connector, if it exists. Its offsets stay. */
    public void delete() {
        unlessMissing(() -> rest.delete(path));
    }

    /** Makes a request; false if what it is about does not exist. */
    public static boolean unlessMissing(Runnable request) {
        try {
            request.run();
            return true;
        } catch (ConnectRest.Refused e) {
            if (e.status() != NOT_FOUND) {
                throw e;
            }
            return false;
        }
    }

    /** The configurations of the tasks, by their number. */
    public List<JsonNode> taskConfigurations() {
        List<JsonNode> configurations = new ArrayList<>();
        rest.get(path + "/tasks").forEach(task -> configurations.add(task.path("config")));
        return configurations;
    }

    /** The committed source offsets: offset by partition, both as the connector wrote them. */
    public Map<JsonNode, JsonNode> offsets() {
        Map<JsonNode, JsonNode> offsets = new HashMap<>();
        rest.get(path + "/offsets")
                .path("offsets")
                .forEach(entry -> offsets.put(entry.path("partition"), entry.path("offset")));
        return offsets;
    }

    /** The committed position of the stream; null before the first. */
    public @Nullable StreamPosition position() {
        for (Map.Entry<JsonNode, JsonNode> entry : offsets().entrySet()) {
            if (isOfStream(entry.getKey())) {
                return position(entry.getValue());
            }
        }
        return null;
    }

    /** Whether a source partition is that of the stream's position. */
    public static boolean isOfStream(JsonNode partition) {
        return partition.size() == 1 && partition.has("server");
    }

    /** The position of a stream in a source offset as Connect stores it. */
    public static StreamPosition position(JsonNode offset) {
        Map<String, Object> fields = JSON.convertValue(offset, new TypeReference<>() {});
        return Objects.requireNonNull(StreamPosition.fromSourceOffset(fields));
    }
}
