package io.pgseam.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Writes a plan, or a part of one, as JSON and reads it. A long text is compressed: Connect keeps it in one Kafka record, and in memory. */
public final class CopyPlanCodec {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COMPRESSED = "gzip:";
    private static final int READABLE_LENGTH = 8_000;

    private CopyPlanCodec() {}

    /** The plan as text. */
    public static String encode(CopyPlan plan) {
        List<PlannedTable> tables = plan.tables();
        Map<PlannedTable, Integer> places = new HashMap<>();
        ObjectNode root = JSON.createObjectNode();
        ArrayNode tableNodes = root.putArray("tables");
        for (PlannedTable table : tables) {
            places.put(table, places.size());
            ArrayNode node = tableNodes.addArray();
            node.add(table.id().schema()).add(table.id().name()).add(table.rowFilter());
            node.add(table.oid()).add(table.identity().name());
            ArrayNode columns = node.addArray();
            for (PlannedColumn column : table.columns()) {
                columns.addArray()
                        .add(column.name())
                        .add(column.type())
                        .add(column.modifier())
                        .add(column.notNull())
                        .add(column.keyPosition())
                        .add(column.inRowKey());
            }
            node.add(table.member()).add(table.published());
        }
        ArrayNode relationNodes = root.putArray("relations");
        for (PlannedRelation relation : plan.relations()) {
            ArrayNode node = relationNodes
                    .addArray()
                    .add(places.get(relation.table()))
                    .add(relation.relation().schema())
                    .add(relation.relation().name())
                    .add(relation.oid())
                    .add(relation.filenode())
                    .add(relation.blocks())
                    .add(relation.bytes())
                    .add(relation.blocksPerChunk())
                    .add(relation.since())
                    .add(relation.needsNoCopy());
            if (!relation.place().isEmpty() || !relation.isWhole()) {
                node.add(relation.place());
            }
            if (!relation.isWhole()) {
                node.add(relation.condition());
            }
        }
        ObjectNode goingOn = root.putObject("going_on");
        new TreeMap<>(plan.goingOn()).forEach((generation, topics) -> {
            ArrayNode names = goingOn.putArray(String.valueOf(generation));
            topics.stream().sorted().forEach(names::add);
        });
        String text = root.toString();
        return text.length() <= READABLE_LENGTH ? text : compress(text);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException where it is something else
     */
    public static CopyPlan decode(String text) {
        try {
            JsonNode root = JSON.readTree(text.startsWith(COMPRESSED) ? decompress(text) : text);
            List<PlannedTable> tables = new ArrayList<>();
            for (JsonNode table : root.required("tables")) {
                tables.add(table(table));
            }
            List<PlannedRelation> relations = new ArrayList<>();
            for (JsonNode relation : root.required("relations")) {
                relations.add(new PlannedRelation(
                        tables.get(relation.required(0).asInt()),
                        new TableId(
                                relation.required(1).asText(),
                                relation.required(2).asText()),
                        relation.required(3).asLong(),
                        relation.required(4).asLong(),
                        relation.required(5).asLong(),
                        relation.required(6).asLong(),
                        relation.required(7).asLong(),
                        relation.required(8).asInt(),
                        relation.required(9).asBoolean(),
                        relation.path(10).asText(),
                        relation.path(11).asText(),
                        ""));
            }
            return new CopyPlan(relations, goingOn(root));
        } catch (JsonProcessingException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a copy plan", e);
        }
    }

    private static Map<Integer, Set<String>> goingOn(JsonNode root) {
        Map<Integer, Set<String>> goingOn = new HashMap<>();
        root.path("going_on").properties().forEach(generation -> {
            Set<String> topics = new HashSet<>();
            generation.getValue().forEach(topic -> topics.add(topic.asText()));
            goingOn.put(Integer.valueOf(generation.getKey()), topics);
        });
        return goingOn;
    }

    private static PlannedTable table(JsonNode node) {
        List<PlannedColumn> columns = new ArrayList<>();
        for (JsonNode column : node.required(5)) {
            columns.add(new PlannedColumn(
                    column.required(0).asText(),
                    column.required(1).asLong(),
                    column.required(2).asInt(),
                    column.required(3).asBoolean(),
                    column.required(4).asInt(),
                    column.required(5).asBoolean()));
        }
        JsonNode rowFilter = node.required(2);
        return new PlannedTable(
                node.required(3).asLong(),
                new TableId(node.required(0).asText(), node.required(1).asText()),
                ReplicaIdentity.valueOf(node.required(4).asText()),
                columns,
                rowFilter.isNull() ? null : rowFilter.asText(),
                node.required(6).asLong(),
                node.path(7).asText());
    }

    private static String compress(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return COMPRESSED + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    private static String decompress(String text) {
        byte[] bytes = Base64.getDecoder().decode(text.substring(COMPRESSED.length()));
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a copy plan", e);
        }
    }
}
