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
import org.jspecify.annotations.Nullable;

/** What a converter is given for JSON. */
public enum JsonContent {
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

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The schema; null for none. */
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
