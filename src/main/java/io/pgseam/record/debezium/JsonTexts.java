package io.pgseam.record.debezium;

import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;
import org.jspecify.annotations.Nullable;

/** What Connect's JsonConverter writes without schemas: of all that is not worth a way of its own, or is written once. */
final class JsonTexts {

    private final JsonConverter converter = new JsonConverter();

    JsonTexts() {
        converter.configure(Map.of("schemas.enable", "false"), false);
    }

    /**
     * The JSON of a part of a record.
     *
     * @throws org.apache.kafka.connect.errors.DataException if the schema does not allow the value
     */
    byte[] of(Schema schema, @Nullable Object value) {
        return converter.fromConnectData("", schema, value);
    }
}
