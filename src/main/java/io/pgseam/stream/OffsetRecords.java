package io.pgseam.stream;

import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** Records with other offsets. */
final class OffsetRecords {

    private OffsetRecords() {}

    /** Returns a copy of a record with another offset. */
    static SourceRecord withOffset(SourceRecord record, Map<String, ?> offset) {
        return new SourceRecord(
                record.sourcePartition(),
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
