package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What Connect says about a connector and its tasks.
 *
 * @param connector the connector itself
 * @param tasks its tasks by number
 */
public record ConnectorStatus(Part connector, List<Part> tasks) {

    /**
     * The connector or one of its tasks.
     *
     * @param name {@code connector} or {@code task 0}
     * @param state RUNNING, FAILED, PAUSED, STOPPED, UNASSIGNED, RESTARTING or DESTROYED
     * @param worker {@code host:port} of the worker's REST interface
     * @param trace the stack trace of the failure, or empty
     */
    public record Part(String name, String state, String worker, String trace) {

        public boolean is(String expected) {
            return state.equals(expected);
        }

        @Override
        public String toString() {
            return name + " " + state + " on " + worker + (trace.isEmpty() ? "" : "\n" + trace);
        }
    }

    public ConnectorStatus {
        tasks = List.copyOf(tasks);
    }

    /** Reads the answer to {@code GET /connectors/{name}/status}. */
    public static ConnectorStatus of(JsonNode answer) {
        List<JsonNode> nodes = new ArrayList<>();
        answer.path("tasks").forEach(nodes::add);
        nodes.sort(Comparator.comparingInt(node -> node.path("id").asInt()));
        return new ConnectorStatus(
                part("connector", answer.path("connector")),
                nodes.stream()
                        .map(node -> part("task " + node.path("id").asInt(), node))
                        .toList());
    }

    private static Part part(String name, JsonNode node) {
        return new Part(
                name,
                node.path("state").asText(),
                node.path("worker_id").asText(),
                node.path("trace").asText(""));
    }

    /** Whether the connector and every one of its tasks, one at least, is running. */
    public boolean allRunning() {
        return connector.is("RUNNING") && !tasks.isEmpty() && tasks.stream().allMatch(task -> task.is("RUNNING"));
    }

    /** Whether the connector or a task has failed. */
    public boolean anyFailed() {
        return connector.is("FAILED") || tasks.stream().anyMatch(task -> task.is("FAILED"));
    }

    /** All stack traces, of the connector and of the tasks. */
    public String traces() {
        StringBuilder traces = new StringBuilder(connector.trace());
        tasks.forEach(task -> traces.append(task.trace()));
        return traces.toString();
    }

    /** One line for each part, and the traces of those that failed. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(connector.toString());
        tasks.forEach(task -> text.append('\n').append(task));
        return text.toString();
    }
}
