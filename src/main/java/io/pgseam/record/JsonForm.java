package io.pgseam.record;

import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * How JSON passes the connector's converters, which are the same for all its topics.
 *
 * <p>Every record goes to partition 0, however many partitions its topic has: the records of a log have an order.
 *
 * @param keys how keys pass the converter of keys
 * @param values how values pass the converter of values
 */
public record JsonForm(JsonContent keys, JsonContent values) {

    /** Keys and values are bytes. */
    public static final JsonForm BYTES = new JsonForm(JsonContent.BYTES, JsonContent.BYTES);

    private static final Integer LOG_PARTITION = 0;

    /**
     * A record of the control topic.
     *
     * @param offset null to delete what is committed of the partition
     * @param key JSON in UTF-8
     * @param value JSON in UTF-8
     */
    public SourceRecord record(
            Map<String, ?> partition, @Nullable Map<String, ?> offset, String topic, byte[] key, byte[] value) {
        return new SourceRecord(
                partition,
                offset,
                topic,
                LOG_PARTITION,
                keys.schema(),
                keys.content(key),
                values.schema(),
                values.content(value));
    }
}
