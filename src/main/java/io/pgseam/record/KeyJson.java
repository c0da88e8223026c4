package io.pgseam.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HexFormat;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** The key of a table's record as JSON, in whatever format the record is. */
public final class KeyJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private KeyJson() {}

    /** The key in UTF-8, of a packed record that of its row; null where there is none. */
    public static byte @Nullable [] of(SourceRecord record) {
        if (record instanceof PackedRecord packed) {
            return packed.rowKey();
        }
        if (record.key() == null) {
            return null;
        }
        if (record.key() instanceof byte[] bytes) {
            return bytes;
        }
        try {
            return JSON.writeValueAsBytes(node(record.key()));
        } catch (JsonProcessingException e) {
            // Without the cause: it might quote a value.
            throw new IllegalStateException("a JSON tree that cannot be written");
        }
    }

    private static JsonNode node(@Nullable Object part) {
        if (part instanceof Struct struct) {
            ObjectNode object = JSON.createObjectNode();
            for (Field field : struct.schema().fields()) {
                object.set(field.name(), node(struct.get(field)));
            }
            return object;
        }
        if (part instanceof Collection<?> elements) {
            ArrayNode array = JSON.createArrayNode();
            elements.forEach(element -> array.add(node(element)));
            return array;
        }
        if (part instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return JSON.getNodeFactory().textNode(HexFormat.of().formatHex(copy));
        }
        if (part == null || part instanceof Number || part instanceof Boolean || part instanceof byte[]) {
            return JSON.valueToTree(part);
        }
        return JSON.getNodeFactory().textNode(part.toString());
    }
}
