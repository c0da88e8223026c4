package io.pgseam.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * How JSON passes the connector's converters, which are the same for all its topics.
 *
 * <p>Every record goes to partition 0, however many partitions its topic has: the records of a log have an order.
 */
public enum JsonForm {
    /** As bytes, for the ByteArrayConverter: the topic has them as they are. */
    BYTES {
        @Override
        Schema schema() {
            return Schema.OPTIONAL_BYTES_SCHEMA;
        }

        @Override
        Object content(byte[] json) {
            return json;
        }
    },
    /** As a string, which every converter of structured data can hold, with one schema for all. */
    STRING {
        @Override
        Schema schema() {
            return Schema.STRING_SCHEMA;
        }

        @Override
        Object content(byte[] json) {
            return new String(json, StandardCharsets.UTF_8);
        }
    },
    /** As maps without a schema, of which the JsonConverter makes the same JSON again. */
    STRUCTURE {
        @Override
        @Nullable
        Schema schema() {
            return null;
        }

        @Override
        @Nullable
        Object content(byte[] json) {
            return structure(json);
        }
    };

    private static final Integer LOG_PARTITION = 0;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A record of the control topic.
     *
     * @param key JSON in UTF-8
     * @param value JSON in UTF-8
     */
    public SourceRecord record(
            Map<String, ?> partition, Map<String, ?> offset, String topic, byte[] key, byte[] value) {
        return new SourceRecord(
                partition, offset, topic, LOG_PARTITION, schema(), content(key), schema(), content(value));
    }

    /** The schema of keys and values; null for none. */
    abstract @Nullable Schema schema();

    /** What the converter is given. */
    abstract @Nullable Object content(byte[] json);

    private static @Nullable Object structure(byte[] json) {
        try {
            return structure(JSON.readTree(json));
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    /** JsonConverter takes no numbers but those of Java's primitive types. */
    private static @Nullable Object structure(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            node.properties().forEach(field -> object.put(field.getKey(), structure(field.getValue())));
            return object;
        }
        if (node.isArray()) {
            List<@Nullable Object> array = new ArrayList<>();
            node.forEach(element -> array.add(structure(element)));
            return array;
        }
        if (node.isNumber()) {
            return node.canConvertToLong() && node.isIntegralNumber() ? (Object) node.longValue() : node.doubleValue();
        }
        return node.isNull() ? null : node.isBoolean() ? (Object) node.booleanValue() : node.textValue();
    }
}
