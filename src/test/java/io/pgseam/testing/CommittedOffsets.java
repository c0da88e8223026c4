package io.pgseam.testing;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/** A Connect that has only committed offsets: it gives them to a task, and commits an offset at once. */
public final class CommittedOffsets implements OffsetStorageReader, SourceTaskContext {

    private final Map<Map<String, ?>, Map<String, Object>> committed = new ConcurrentHashMap<>();

    private final AtomicLong asked = new AtomicLong();

    /**
     * A Connect that has the position of a stream, and nothing else.
     *
     * @param lsn the position, at the beginning of a transaction
     * @param caughtUp the newest anchor that the stream has caught up with
     * @param seam the newest anchor whose seam is written
     */
    public static CommittedOffsets ofStream(TestDatabase database, String lsn, long caughtUp, long seam) {
        CommittedOffsets offsets = new CommittedOffsets();
        offsets.commit(
                Map.of("server", database.name()), Map.of("lsn", lsn, "seq", 0L, "caught_up", caughtUp, "seam", seam));
        return offsets;
    }

    /** Commits the offset of a record. */
    public void commit(SourceRecord record) {
        commit(record.sourcePartition(), record.sourceOffset());
    }

    /** @param offset null to forget what is committed */
    public void commit(Map<String, ?> partition, @Nullable Map<String, ?> offset) {
        if (offset == null) {
            committed.remove(partition);
        } else {
            committed.put(partition, new HashMap<>(offset));
        }
    }

    @Override
    public <T> Map<String, Object> offset(Map<String, T> partition) {
        return committed.get(partition);
    }

    /** How many partitions were asked for. */
    public long asked() {
        return asked.get();
    }

    /** How many partitions have an offset. */
    public int size() {
        return committed.size();
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
        asked.addAndGet(partitions.size());
        Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
        partitions.forEach(partition -> {
            if (committed.containsKey(partition)) {
                found.put(partition, committed.get(partition));
            }
        });
        return found;
    }

    @Override
    public Map<String, String> configs() {
        return Map.of();
    }

    @Override
    public OffsetStorageReader offsetStorageReader() {
        return this;
    }

    @Override
    public PluginMetrics pluginMetrics() {
        return new PluginMetricsImpl(new Metrics(), Map.of());
    }
}
