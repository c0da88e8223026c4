package io.pgseam.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.pgseam.pg.TableId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a plan into a task's configuration and reads it from there: a JSON array for each relation. A long plan is
 * compressed, for Connect keeps a task's configuration in one Kafka record.
 */
public final class CopyPlanCodec {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COMPRESSED = "gzip:";
    private static final int READABLE_LENGTH = 32 * 1024;

    private CopyPlanCodec() {}

    /** The plan as text. */
    public static String encode(CopyPlan plan) {
        ArrayNode relations = JSON.createArrayNode();
        for (PlannedRelation relation : plan.relations()) {
            relations
                    .addArray()
                    .add(relation.table().schema())
                    .add(relation.table().name())
                    .add(relation.relation().schema())
                    .add(relation.relation().name())
                    .add(relation.oid())
                    .add(relation.filenode())
                    .add(relation.blocks())
                    .add(relation.bytes())
                    .add(relation.blocksPerChunk());
        }
        String text = relations.toString();
        return text.length() <= READABLE_LENGTH ? text : compress(text);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException where it is something else
     */
    public static CopyPlan decode(String text) {
        try {
            List<PlannedRelation> relations = new ArrayList<>();
            for (JsonNode relation : JSON.readTree(text.startsWith(COMPRESSED) ? decompress(text) : text)) {
                relations.add(new PlannedRelation(
                        new TableId(
                                relation.required(0).asText(),
                                relation.required(1).asText()),
                        new TableId(
                                relation.required(2).asText(),
                                relation.required(3).asText()),
                        relation.required(4).asLong(),
                        relation.required(5).asLong(),
                        relation.required(6).asLong(),
                        relation.required(7).asLong(),
                        relation.required(8).asLong()));
            }
            return new CopyPlan(relations);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a copy plan", e);
        }
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
