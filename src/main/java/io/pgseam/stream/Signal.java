package io.pgseam.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a person asks the connector for, in Debezium's form. Anything can be in a signal: what is wrong with it is part of it, and never a
 * failure of the stream.
 *
 * @param id the id that its writer gave; else its LSN, or its topic and offset
 * @param type what is asked for; empty if that is not known
 * @param data the details, a JSON object; missing if there are none
 * @param channel where it comes from
 * @param at LSN of its WAL record; of one from Kafka, how far the stream was
 * @param fault why it cannot be understood; null if it can
 */
record Signal(
        String id,
        String type,
        JsonNode data,
        String channel,
        Lsn at,
        @Nullable String fault) {

    private static final String MESSAGE = "message";
    private static final String SOURCE = "source";
    private static final String KAFKA = "kafka";

    /** Debezium's table of signals has these, in this order, whatever their names. */
    private static final int COLUMNS = 3;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Debezium's table takes 2048 characters. */
    private static final int MOST_BYTES = 64 << 10;

    private static final int LONGEST_NAME = 255;

    /** A signal in a message: a JSON object with {@code id}, {@code type} and {@code data}. */
    static Signal ofMessage(ByteBuffer content, Lsn at) {
        return ofObject(content, at.toString(), MESSAGE, at);
    }

    /**
     * A signal in the value of a Kafka record, in the same form.
     *
     * @param id its id if it gives none
     * @param at how far the stream is
     */
    static Signal ofRecord(ByteBuffer value, String id, Lsn at) {
        return ofObject(value, id, KAFKA, at);
    }

    private static Signal ofObject(ByteBuffer content, String id, String channel, Lsn at) {
        if (content.remaining() > MOST_BYTES) {
            return faulty(id, "", channel, at, "the message is larger than " + MOST_BYTES + " bytes");
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(content).toString();
            JsonNode root = JSON.readTree(text);
            if (!root.isObject()) {
                return faulty(id, "", channel, at, "the message is no JSON object");
            }
            JsonNode data = root.path("data");
            String given = root.path("id").asText("");
            return of(
                    given.isBlank() ? id : given,
                    root.path("type").asText(""),
                    data.isTextual() ? JSON.readTree(data.asText()) : data,
                    channel,
                    at);
        } catch (CharacterCodingException e) {
            return faulty(id, "", channel, at, "the message is not in UTF-8");
        } catch (JsonProcessingException e) {
            // Without its text: it quotes the message.
            return faulty(id, "", channel, at, "the message is no JSON object");
        }
    }

    /** A signal in a row of the table of signals. */
    static Signal ofRow(TextRow row, Lsn at) {
        if (row.size() != COLUMNS) {
            return faulty(
                    at.toString(),
                    "",
                    SOURCE,
                    at,
                    "the table has to publish three columns: id, type, and data, in this order; it publishes "
                            + row.size());
        }
        long bytes = 0;
        for (int column = 0; column < COLUMNS; column++) {
            bytes += Math.max(0, row.length(column));
        }
        if (bytes > MOST_BYTES) {
            return faulty(at.toString(), "", SOURCE, at, "the row is larger than " + MOST_BYTES + " bytes");
        }
        String id = text(row, 0);
        String type = text(row, 1);
        String data = text(row, 2);
        try {
            return of(id, type, data.isBlank() ? MissingNode.getInstance() : JSON.readTree(data), SOURCE, at);
        } catch (JsonProcessingException e) {
            // Without its text: it quotes the row.
            return of(id, type, BooleanNode.FALSE, SOURCE, at);
        }
    }

    private static String text(TextRow row, int column) {
        return row.length(column) < 0 ? "" : row.text(column);
    }

    private static Signal of(String id, String type, JsonNode data, String channel, Lsn at) {
        String name = id.isBlank() ? at.toString() : id;
        if (name.length() > LONGEST_NAME || type.length() > LONGEST_NAME) {
            return faulty(at.toString(), "", channel, at, "id or type has more than " + LONGEST_NAME + " characters");
        }
        if (type.isBlank()) {
            return faulty(name, "", channel, at, "it has no type");
        }
        boolean isNothing = data.isNull() || data.isMissingNode();
        return isNothing || data.isObject()
                ? new Signal(name, type, isNothing ? MissingNode.getInstance() : data, channel, at, null)
                : faulty(name, type, channel, at, "data is no JSON object");
    }

    private static Signal faulty(String id, String type, String channel, Lsn at, String fault) {
        return new Signal(id, type, MissingNode.getInstance(), channel, at, fault);
    }

    /** The texts of an array in its data; empty if there is no such array, null if it is something else. */
    @Nullable
    List<String> texts(String field) {
        JsonNode array = data.path(field);
        if (array.isMissingNode() || array.isNull()) {
            return List.of();
        }
        if (!array.isArray()) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array) {
            if (!element.isTextual() || element.asText().isBlank()) {
                return null;
            }
            texts.add(element.asText().trim());
        }
        return texts;
    }
}
