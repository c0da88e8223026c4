package io.pgseam.record;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;

/** How JSON goes through the connector's converters, which are the same for all its topics. */
public enum JsonForm {
    /** As bytes, for the ByteArrayConverter: they are in the topic as they are. */
    BYTES {
        @Override
        public SourceRecord record(
                Map<String, ?> partition, Map<String, ?> offset, String topic, byte[] key, byte[] value) {
            return ByteRecords.of(partition, offset, topic, key, value);
        }
    },
    /** As a string, which every converter of structured data can hold, with one schema for all. */
    STRING {
        @Override
        public SourceRecord record(
                Map<String, ?> partition, Map<String, ?> offset, String topic, byte[] key, byte[] value) {
            return new SourceRecord(
                    partition, offset, topic, null, Schema.STRING_SCHEMA, text(key), Schema.STRING_SCHEMA, text(value));
        }
    };

    /**
     * A record for any partition of the topic, by its key.
     *
     * @param key JSON in UTF-8
     * @param value JSON in UTF-8
     */
    public abstract SourceRecord record(
            Map<String, ?> partition, Map<String, ?> offset, String topic, byte[] key, byte[] value);

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
