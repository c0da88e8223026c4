package io.pgseam.stream;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/** Offsets as Connect gives them back once they are committed, which here is at once. */
final class CommittedOffsets implements OffsetStorageReader {

    private final Map<Map<String, ?>, Map<String, Object>> committed = new HashMap<>();

    /** Commits the offset of a record. */
    void commit(SourceRecord record) {
        commit(record.sourcePartition(), record.sourceOffset());
    }

    void commit(Map<String, ?> partition, Map<String, ?> offset) {
        committed.put(partition, new HashMap<>(offset));
    }

    @Override
    public <T> Map<String, Object> offset(Map<String, T> partition) {
        return committed.get(partition);
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
        Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
        partitions.forEach(partition -> {
            if (committed.containsKey(partition)) {
                found.put(partition, committed.get(partition));
            }
        });
        return found;
    }
}
