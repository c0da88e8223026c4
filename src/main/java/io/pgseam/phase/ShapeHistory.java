package io.pgseam.phase;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.phase.TableShape.ShapeColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shapes that a table had, as far back as changes may be read again: a source offset of its own. With it a change that is
 * read again after a failure gets the key that it had (invariant I7), and a restarted task knows what has changed meanwhile.
 *
 * @param versions in the order of their places in the stream; the last one holds for all that follows
 */
public record ShapeHistory(List<Version> versions) {

    /** Before anything is known of a table. */
    public static final ShapeHistory EMPTY = new ShapeHistory(List.of());

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FIELD = "shapes";

    /** A table that is altered more often between two commits of offsets loses its oldest shapes: an offset has to stay small. */
    private static final int MOST_VERSIONS = 6;

    /**
     * A shape and where it begins.
     *
     * @param first the first change that has it
     * @param afterSequence a number that no {@code __seq} of an older record of that transaction exceeds
     * @param located whether the control topic says at which Kafka offsets it begins
     * @param shape the shape
     */
    public record Version(ChangeId first, long afterSequence, boolean located, TableShape shape) {

        /** Whether a change is the first that has this shape, or a later one. */
        public boolean beginsBy(ChangeId change) {
            return first.compareTo(change) <= 0;
        }
    }

    public ShapeHistory {
        versions = List.copyOf(versions);
    }

    /** The source partition of a table's shapes. */
    public static Map<String, Object> sourcePartition(String server, long tableOid) {
        return LedgerMap.of("server", server, "table_oid", tableOid);
    }

    /** The version that a change has; null if none is known that begins so early. */
    public @Nullable Version at(ChangeId change) {
        Version holds = null;
        for (Version version : versions) {
            if (version.beginsBy(change)) {
                holds = version;
            }
        }
        return holds;
    }

    /** The version after a given one; null where that is the last. */
    public @Nullable Version after(Version version) {
        int next = versions.indexOf(version) + 1;
        return next < versions.size() ? versions.get(next) : null;
    }

    /** The version that holds for all that follows; null where none is known. */
    public @Nullable Version last() {
        return versions.isEmpty() ? null : versions.get(versions.size() - 1);
    }

    /**
     * With a new last version.
     *
     * @param durable the committed position of the stream: nothing before it is read again
     */
    public ShapeHistory with(Version next, Lsn durable) {
        List<Version> kept = new ArrayList<>();
        for (Version version : versions) {
            Version follower = after(version);
            if (follower == null || !follower.first().commitLsn().isBefore(durable)) {
                kept.add(version);
            }
        }
        kept.add(next);
        return new ShapeHistory(kept.subList(Math.max(0, kept.size() - MOST_VERSIONS), kept.size()));
    }

    /** The same, with the versions up to this one marked: the control topic says at which offsets they begin. */
    public ShapeHistory locatedUpTo(ChangeId first) {
        return new ShapeHistory(versions.stream()
                .map(version -> version.beginsBy(first)
                        ? new Version(version.first(), version.afterSequence(), true, version.shape())
                        : version)
                .toList());
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; {@link #EMPTY} where there is none. */
    public static ShapeHistory fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null) {
            return EMPTY;
        }
        try {
            List<Version> versions = new ArrayList<>();
            for (JsonNode node : JSON.readTree(new OffsetFields(offset).text(FIELD))) {
                versions.add(version(node));
            }
            return new ShapeHistory(versions);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the committed source offset of a table's shapes cannot be read: stop the connector and delete its offsets"
                            + " (DELETE /connectors/<name>/offsets) to begin anew",
                    e);
        }
    }

    private static Version version(JsonNode node) {
        List<ShapeColumn> columns = new ArrayList<>();
        for (JsonNode column : node.required("columns")) {
            columns.add(new ShapeColumn(
                    column.required(0).asText(),
                    column.required(1).asLong(),
                    column.required(2).asInt(),
                    column.required(3).asText(),
                    column.required(4).asBoolean()));
        }
        List<String> key = new ArrayList<>();
        node.required("key").forEach(name -> key.add(name.asText()));
        TableShape shape = new TableShape(
                new TableId(
                        node.required("schema").asText(), node.required("table").asText()),
                ReplicaIdentity.valueOf(node.required("identity").asText()),
                columns,
                key);
        return new Version(
                first(node),
                node.required("seq").asLong(),
                node.required("located").asBoolean(),
                shape);
    }

    /**
     * Earlier releases did not name the change: they counted captured records before it. Within its transaction such a shape is taken to
     * begin with the next one, since a description of the table comes with the change itself.
     */
    private static ChangeId first(JsonNode node) {
        Lsn commitLsn = Lsn.parse(node.required("lsn").asText());
        if (node.has("change_lsn")) {
            Lsn recordLsn = Lsn.parse(node.required("change_lsn").asText());
            return new ChangeId(
                    commitLsn, recordLsn, node.required("change_index").asInt());
        }
        return node.required("seq").asLong() == 0 ? ChangeId.startOf(commitLsn) : ChangeId.endOf(commitLsn);
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        ArrayNode nodes = JSON.createArrayNode();
        for (Version version : versions) {
            TableShape shape = version.shape();
            ObjectNode node = nodes.addObject()
                    .put("lsn", version.first().commitLsn().toString())
                    .put("change_lsn", version.first().recordLsn().toString())
                    .put("change_index", version.first().index())
                    .put("seq", version.afterSequence())
                    .put("located", version.located())
                    .put("schema", shape.id().schema())
                    .put("table", shape.id().name())
                    .put("identity", shape.identity().name());
            shape.key().forEach(node.putArray("key")::add);
            ArrayNode columns = node.putArray("columns");
            for (ShapeColumn column : shape.columns()) {
                columns.addArray()
                        .add(column.name())
                        .add(column.typeOid())
                        .add(column.modifier())
                        .add(column.type())
                        .add(column.notNull());
            }
        }
        return LedgerMap.of(FIELD, nodes.toString());
    }
}
