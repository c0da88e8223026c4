package io.pgseam.record.debezium;

import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** Records of structs of which there are few: as they are for a converter, or as the JSON that JsonConverter writes of them. */
final class StructRecords {

    private final boolean json;
    private final JsonTexts texts = new JsonTexts();

    /** @param json whether keys and values are the bytes of JSON */
    StructRecords(boolean json) {
        this.json = json;
    }

    SourceRecord of(String topic, Struct key, Struct value, Map<String, ?> partition, Map<String, ?> offset) {
        if (!json) {
            return new SourceRecord(partition, offset, topic, null, key.schema(), key, value.schema(), value);
        }
        return new SourceRecord(
                partition,
                offset,
                topic,
                null,
                Schema.OPTIONAL_BYTES_SCHEMA,
                texts.of(key.schema(), key),
                Schema.OPTIONAL_BYTES_SCHEMA,
                texts.of(value.schema(), value));
    }
}
