package io.pgseam.phase;

import java.util.Map;
import org.apache.kafka.connect.json.JsonConverter;

/** What Connect makes of source partitions and offsets: JSON without schemas, in which every whole number is a long. */
final class StoredOffsets {

    private static final String NAMESPACE = "connector";

    private StoredOffsets() {}

    private static JsonConverter converter(boolean key) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), key);
        return converter;
    }

    /** The bytes that Connect finds a partition by. */
    static byte[] key(Map<String, ?> partition) {
        return converter(true).fromConnectData(NAMESPACE, null, partition);
    }

    /** The offset as a reader of Connect's store gets it back. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> roundTrip(Map<String, ?> offset) {
        JsonConverter converter = converter(false);
        byte[] bytes = converter.fromConnectData(NAMESPACE, null, offset);
        return (Map<String, Object>) converter.toConnectData(NAMESPACE, bytes).value();
    }
}
