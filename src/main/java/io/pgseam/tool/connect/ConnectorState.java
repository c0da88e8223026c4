package io.pgseam.tool.connect;

import java.util.List;

/**
 * What Connect says of a connector.
 *
 * @param state of the connector itself, such as {@code RUNNING}
 * @param worker where it runs
 * @param trace why it failed, the first line; empty if it has not
 * @param tasks its tasks
 */
public record ConnectorState(String state, String worker, String trace, List<Task> tasks) {

    private static final String FAILED = "FAILED";

    /**
     * One task.
     *
     * @param number its number, from 0
     * @param state such as {@code RUNNING}
     * @param worker where it runs
     * @param trace why it failed, the first line; empty if it has not
     */
    public record Task(int number, String state, String worker, String trace) {}

    public ConnectorState {
        tasks = List.copyOf(tasks);
    }

    /** Whether the connector or one of its tasks has failed. */
    public boolean hasFailed() {
        return state.equals(FAILED)
                || tasks.stream().anyMatch(task -> task.state().equals(FAILED));
    }
}
