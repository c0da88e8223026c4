package io.pgseam.record;

import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;

/** Makes records whose key and value are bytes already. */
public final class ByteRecords {

    private ByteRecords() {}

    /** A record for any partition of the topic, by its key. */
    public static SourceRecord of(
            Map<String, ?> partition, Map<String, ?> offset, String topic, byte[] key, byte[] value) {
        return new SourceRecord(
                partition, offset, topic, null, Schema.OPTIONAL_BYTES_SCHEMA, key, Schema.OPTIONAL_BYTES_SCHEMA, value);
    }

    /** The same record with another source offset. */
    public static SourceRecord withOffset(SourceRecord record, Map<String, ?> offset) {
        return with(record, record.sourcePartition(), offset);
    }

    /** The same record with another source partition and offset. */
    public static SourceRecord with(SourceRecord record, Map<String, ?> partition, Map<String, ?> offset) {
        if (record instanceof PackedRecord packed) {
            return packed.at(partition, offset);
        }
        return new SourceRecord(
                partition,
                offset,
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                record.valueSchema(),
                record.value(),
                record.timestamp(),
                record.headers());
    }
}
