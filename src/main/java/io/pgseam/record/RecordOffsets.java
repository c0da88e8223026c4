package io.pgseam.record;

import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** Gives records other source offsets. */
public final class RecordOffsets {

    private RecordOffsets() {}

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
