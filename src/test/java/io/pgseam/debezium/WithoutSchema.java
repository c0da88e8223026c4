package io.pgseam.debezium;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Records as JsonConverter writes them with {@code schemas.enable=false}. */
final class WithoutSchema {

    private WithoutSchema() {}

    /** A record that was written with schemas, less these. */
    static ObjectNode of(JsonNode record) {
        return wrapped(without(record.path("key")), without(record.path("value")), record.path("headers"));
    }

    private static JsonNode without(JsonNode part) {
        return part.isNull() ? part : part.path("payload");
    }

    /** A record that has none, its value where one with a schema has it. */
    static ObjectNode wrapped(JsonNode record) {
        return wrapped(record.path("key"), record.path("value"), record.path("headers"));
    }

    private static ObjectNode wrapped(JsonNode key, JsonNode value, JsonNode headers) {
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        record.set("key", key.deepCopy());
        if (value.isNull()) {
            record.set("value", value);
        } else {
            record.putObject("value").set("payload", value.deepCopy());
        }
        record.set("headers", headers.deepCopy());
        return record;
    }
}
