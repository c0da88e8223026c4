package io.pgseam.tool.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * When what was copied, as the control topic says. Takes records in any order. Memory: an entry of some 100 bytes for each chunk, and
 * the newest events.
 */
public final class Timeline {

    /** More events than a person reads. */
    private static final int MOST_EVENTS = 200;

    /**
     * An anchor at which rows were copied.
     *
     * @param openedMs when copying at it began, in ms since 1970
     * @param connectorVersion the version of the connector; empty if an earlier version began the copy
     * @param postgresVersion the version of the source; empty likewise
     */
    public record Anchor(
            int generation, Lsn lsn, long openedMs, int tasks, String connectorVersion, String postgresVersion) {}

    /**
     * A chunk that was copied.
     *
     * @param task the task's number, from 0; -1 if an earlier version copied it
     * @param startedMs when the task began with it, in ms since 1970; {@code endedMs} if an earlier version copied it
     * @param endedMs when Kafka had its last row
     * @param relation {@code schema.table} that was read
     * @param rows rows in the topics
     * @param leftOut rows in no topic
     * @param bytes bytes of COPY text
     * @param lsn LSN of the anchor
     */
    public record Span(
            int task, long startedMs, long endedMs, String relation, long rows, long leftOut, long bytes, Lsn lsn) {}

    /**
     * A copy that was completed.
     *
     * @param atMs when, in ms since 1970
     * @param rows rows in the topics
     * @param leftOut rows in no topic
     */
    public record SeamMark(int generation, Lsn lsn, long atMs, long rows, long leftOut) {}

    /**
     * Something else that a reader may want to know.
     *
     * @param atMs when, in ms since 1970
     * @param text what, for people
     */
    public record Event(long atMs, String text) {}

    private record ChunkKey(String relation, long filenode, long blocks, long number, Lsn lsn) {}

    private record Dated(Lsn lsn, Event event) {}

    private Lsn beginning = Lsn.NONE;
    private final Map<String, String> names = new HashMap<>();
    private final Map<Lsn, Anchor> anchors = new TreeMap<>();
    private final Map<Lsn, SeamMark> seams = new TreeMap<>();
    private final Map<ChunkKey, Span> chunks = new LinkedHashMap<>();
    private final Deque<Dated> events = new ArrayDeque<>();
    private long forgotten;
    private final TreeSet<String> incomplete = new TreeSet<>();

    /** Takes one record's key and value. Types that are not known are passed over. */
    public void take(JsonNode key, JsonNode value) {
        switch (value.path("type").asText()) {
            case "anchor" -> takeAnchor(value);
            case "chunk" -> takeChunk(key, value);
            case "seam" -> takeSeam(value);
            case "misfit" ->
                event(value, "Anchor " + value.path("generation").asInt() + " was given up: " + text(value, "reason"));
            case "catch_up" ->
                event(
                        value,
                        "The stream has caught up with anchor "
                                + value.path("generation").asInt() + " (LSN " + text(value, "lsn") + ")");
            case "truncate" -> event(value, name(value) + " was truncated. Its topic still has the rows from before");
            case "dropped" -> event(value, name(value) + " was dropped. Its topic still has the rows");
            case "renamed" ->
                event(
                        value,
                        name(value) + " was renamed to " + text(value, "renamed_to_schema") + "."
                                + text(value, "renamed_to_table"));
            case "republished" -> takeRepublished(value);
            case "schema" -> takeSchema(value);
            case "end" -> event(value, "The connector has ended at LSN " + text(value, "lsn"));
            default -> {
                // Says nothing of when rows were copied.
            }
        }
    }

    private static Lsn lsn(JsonNode value) {
        return Lsn.parse(value.path("lsn").asText());
    }

    private static String text(JsonNode value, String field) {
        return value.path(field).asText();
    }

    private String name(JsonNode value) {
        return names.computeIfAbsent(text(value, "schema") + "." + text(value, "table"), name -> name);
    }

    private static long writtenMs(JsonNode value) {
        return value.path("ts_ms").asLong();
    }

    private void takeAnchor(JsonNode value) {
        int generation = value.path("generation").asInt();
        if (generation == 1) {
            // Offsets were deleted if there is an earlier one: what the topic has from before does not count any more.
            beginning = Lsn.max(beginning, lsn(value));
        }
        Anchor anchor = new Anchor(
                generation,
                lsn(value),
                writtenMs(value),
                value.path("tasks").asInt(),
                text(value, "connector_version"),
                text(value, "postgres_version"));
        // A task that begins again announces the anchor again.
        anchors.merge(anchor.lsn(), anchor, (one, other) -> one.openedMs() <= other.openedMs() ? one : other);
    }

    private void takeChunk(JsonNode key, JsonNode value) {
        ChunkKey place = new ChunkKey(
                name(value),
                value.path("filenode").asLong(),
                key.path("blocks").asLong(),
                value.path("chunk").asLong(),
                lsn(value));
        long ended = writtenMs(value);
        chunks.putIfAbsent(
                place,
                new Span(
                        value.path("task").asInt(-1),
                        Math.min(ended, value.path("started_ms").asLong(ended)),
                        ended,
                        place.relation(),
                        value.path("rows").asLong(),
                        value.path("left_out").asLong(),
                        value.path("bytes").asLong(),
                        place.lsn()));
    }

    private void takeSeam(JsonNode value) {
        SeamMark seam = new SeamMark(
                value.path("generation").asInt(),
                lsn(value),
                writtenMs(value),
                value.path("rows").asLong(),
                value.path("left_out").asLong());
        seams.merge(seam.lsn(), seam, (one, other) -> one.atMs() <= other.atMs() ? one : other);
    }

    private void takeRepublished(JsonNode value) {
        boolean copied = value.path("copied").asBoolean(true);
        if (!copied) {
            incomplete.add(name(value));
        }
        event(
                value,
                "The publication was changed: changes of " + name(value) + " since LSN " + text(value, "since_lsn")
                        + " may be missing. "
                        + (copied
                                ? "The table is copied again at anchor " + text(value, "generation")
                                : "Nothing copies them"));
    }

    private void takeSchema(JsonNode value) {
        List<String> changes = new ArrayList<>();
        value.path("changes").forEach(change -> {
            String what = text(change, "what");
            if (!what.equals("first_seen")) {
                changes.add(what.replace('_', ' ') + (change.has("column") ? " " + text(change, "column") : ""));
            }
        });
        if (!changes.isEmpty()) {
            event(value, name(value) + " was altered: " + String.join(", ", changes));
        }
    }

    private void event(JsonNode value, String text) {
        events.addLast(new Dated(lsn(value), new Event(writtenMs(value), text)));
        if (events.size() > MOST_EVENTS) {
            events.removeFirst();
            forgotten++;
        }
    }

    /** The anchors of this copy, in their order. */
    public List<Anchor> anchors() {
        return anchors.values().stream()
                .filter(anchor -> !anchor.lsn().isBefore(beginning))
                .toList();
    }

    /** The seams of this copy, in their order: the first copy's, and one for each time when tables were copied later. */
    public List<SeamMark> seams() {
        return seams.values().stream()
                .filter(seam -> !seam.lsn().isBefore(beginning))
                .toList();
    }

    /** The chunks of this copy, by when they were begun. */
    public List<Span> spans() {
        return chunks.values().stream()
                .filter(span -> !span.lsn().isBefore(beginning))
                .sorted(Comparator.comparingLong(Span::startedMs).thenComparingLong(Span::endedMs))
                .toList();
    }

    /** What was copied of each relation, by its name. */
    Map<String, CopiedRelation> byRelation() {
        Map<String, CopiedRelation> copied = new HashMap<>();
        spans().forEach(span -> copied.merge(span.relation(), CopiedRelation.of(span), CopiedRelation::and));
        return copied;
    }

    /** The newest events, by time. */
    public List<Event> events() {
        return events.stream()
                .filter(event -> !event.lsn().isBefore(beginning))
                .map(Dated::event)
                .sorted(Comparator.comparingLong(Event::atMs))
                .toList();
    }

    /** How many earlier events are not in {@link #events}. */
    public long forgottenEvents() {
        return forgotten;
    }

    /** Tables of which changes are missing, and which nothing copies. */
    public List<String> incompleteTables() {
        return List.copyOf(incomplete);
    }
}
