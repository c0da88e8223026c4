package io.pgseam.stream;

import io.pgseam.phase.StreamOffset;
import io.pgseam.record.RecordOffsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The records of the change at hand.
 *
 * <p>Only the last one says that Kafka has the change: a position within a change would mean something else with other settings.
 *
 * <p>Used by the thread that reads the slot.
 */
final class ChangeRecords {

    private final StreamCursor cursor;
    private final List<SourceRecord> records = new ArrayList<>();
    private long bytes;

    ChangeRecords(StreamCursor cursor) {
        this.cursor = cursor;
    }

    /** @param size of its key and value, in bytes */
    void add(SourceRecord record, int size) {
        if (!records.isEmpty()) {
            int last = records.size() - 1;
            records.set(
                    last,
                    RecordOffsets.withOffset(records.get(last), new StreamOffset(cursor.position(), cursor.change())));
        }
        records.add(record);
        bytes += size;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    /** They change with the next change. */
    List<SourceRecord> all() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    void clear() {
        records.clear();
        bytes = 0;
    }
}
