package io.pgseam.history;

import io.pgseam.testing.ConnectorStatus;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks after a connector as a person with a pager does: restarts what has failed, starts workers again that are gone, and
 * writes down what it saw. Belongs to one thread.
 */
final class Operator {

    /** A failure after which a person has to decide, and no history gives a reason for it. */
    private static final List<String> DECISIONS =
            List.of("Either copy everything again", "Set slot.name to another name");
    /** Faults in the connector itself. */
    private static final List<String> DEFECTS = List.of(
            "NullPointerException",
            "IllegalStateException",
            "IllegalArgumentException",
            "IndexOutOfBoundsException",
            "ClassCastException",
            "ConcurrentModificationException",
            "NoSuchElementException",
            "StackOverflowError",
            "OutOfMemoryError");

    private final Connector connector;
    private final Timeline timeline;
    private String last = "";

    Operator(Connector connector, Timeline timeline) {
        this.connector = connector;
        this.timeline = timeline;
    }

    /**
     * One look.
     *
     * @return the trace of a failure that nobody can account for, or null
     */
    @Nullable
    String look() throws InterruptedException {
        ConnectorStatus status = connector.status();
        noteChange(status);
        List<ConnectorStatus.Part> failed =
                parts(status).filter(part -> part.is("FAILED")).toList();
        for (ConnectorStatus.Part part : failed) {
            timeline.note("failed", "%s: %s", part.name(), reason(part.trace()));
        }
        for (ConnectorStatus.Part part : failed) {
            if (isUnaccountable(part.trace())) {
                return part.toString();
            }
        }
        if (!failed.isEmpty()) {
            connector.request(client -> client.restartWithTasks(true));
        }
        return null;
    }

    static boolean isUnaccountable(String trace) {
        return DECISIONS.stream().anyMatch(trace::contains)
                || (DEFECTS.stream().anyMatch(trace::contains) && trace.contains("at io.pgseam."));
    }

    private void noteChange(ConnectorStatus status) {
        StringBuilder text = new StringBuilder();
        parts(status)
                .forEach(part -> text.append(part.name())
                        .append(' ')
                        .append(part.state())
                        .append('@')
                        .append(part.worker().replaceAll(".*:", ""))
                        .append(' '));
        if (!text.toString().equals(last)) {
            last = text.toString();
            timeline.note("status", last);
        }
    }

    private static Stream<ConnectorStatus.Part> parts(ConnectorStatus status) {
        return Stream.concat(Stream.of(status.connector()), status.tasks().stream());
    }

    /** The messages of the trace without its frames. */
    private static String reason(String trace) {
        return trace.lines()
                .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t..."))
                .reduce((first, second) -> first + " | " + second)
                .orElse("no trace");
    }
}
