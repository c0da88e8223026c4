package io.pgseam.config;

import io.pgseam.phase.SnapshotMode;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/**
 * How tables are copied.
 *
 * @param mode what to do on the first start
 * @param chunkBytes size of a chunk in bytes of heap
 * @param strideBytes size of a stride in bytes of heap; at most that of a chunk
 * @param lockTimeoutMs how long a copy may wait for a table's ACCESS SHARE lock, in ms; 0 waits without end
 * @param anchorMaxAgeMs how old an anchor may become while it is copied, in ms; 0 for no limit
 * @param tableCheckIntervalMs time between looks for tables that have come or gone while streaming, in ms; 0 for none but at
 *     the start
 */
public record SnapshotSettings(
        SnapshotMode mode,
        long chunkBytes,
        long strideBytes,
        int lockTimeoutMs,
        int anchorMaxAgeMs,
        int tableCheckIntervalMs) {

    public static final String MODE = "snapshot.mode";
    public static final String CHUNK_SIZE = "snapshot.chunk.size";
    public static final String STRIDE_SIZE = "snapshot.stride.size";
    public static final String LOCK_TIMEOUT = "snapshot.lock.timeout.ms";
    public static final String ANCHOR_MAX_AGE = "snapshot.anchor.max.age.ms";
    public static final String TABLE_CHECK_INTERVAL = "table.check.interval.ms";

    private static final String GROUP = "Snapshot";

    /** One block of the server: less cannot be read by block range. */
    private static final String MINIMUM = "8kB";

    public SnapshotSettings {
        if (strideBytes < 1 || strideBytes > chunkBytes) {
            throw new IllegalArgumentException("stride of " + strideBytes + " bytes in a chunk of " + chunkBytes);
        }
    }

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .choice(
                        MODE,
                        SnapshotMode.INITIAL,
                        Importance.HIGH,
                        "`initial`: copy the tables, then stream changes; `initial_only`: copy the tables and stop;"
                                + " `no_data`: stream changes only.")
                .size(
                        CHUNK_SIZE,
                        "128MB",
                        MINIMUM,
                        Importance.MEDIUM,
                        "Most bytes of a chunk, the range of a table that is given to a task: bytes, or with kB, MB, GB. Chunks are"
                                + " smaller (2MB or more) if the tables have less than 32 chunks for each task, so that all tasks"
                                + " end at about the same time.")
                .size(
                        STRIDE_SIZE,
                        "16MB",
                        MINIMUM,
                        Importance.MEDIUM,
                        "Size of a stride, the part of a chunk that one COPY reads at most, and for which it locks the table (ACCESS"
                                + " SHARE). At most `snapshot.chunk.size`.")
                .number(
                        LOCK_TIMEOUT,
                        3_000,
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        "How long a copy waits for the ACCESS SHARE lock of a table before it tries again later, in ms;"
                                + " 0 waits without end.")
                .number(
                        ANCHOR_MAX_AGE,
                        0,
                        ConfigDef.Range.atLeast(0),
                        Importance.MEDIUM,
                        "How old an anchor may become while it is copied, in ms: then the copy goes on at a newer one, so that the"
                                + " source can remove WAL and dead rows. 0 for one anchor, however long the copy takes.")
                .number(
                        TABLE_CHECK_INTERVAL,
                        60_000,
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        "Time between looks for tables and partitions that have come or gone while the connector streams, in"
                                + " ms; 0 looks at the start only. New ones are copied while the others go on, where `tasks.max` is 2 or more.");
    }

    static void check(SettingValues values, Consumer<Fault> faults) {
        if (values.valid(CHUNK_SIZE, STRIDE_SIZE) && values.bytes(STRIDE_SIZE) > values.bytes(CHUNK_SIZE)) {
            faults.accept(new Fault(
                    STRIDE_SIZE,
                    "a stride is a part of a chunk: " + values.text(STRIDE_SIZE) + " is more than " + CHUNK_SIZE + " = "
                            + values.text(CHUNK_SIZE)));
        }
    }

    static SnapshotSettings from(SettingValues values) {
        return new SnapshotSettings(
                values.choice(MODE, SnapshotMode.class),
                values.bytes(CHUNK_SIZE),
                values.bytes(STRIDE_SIZE),
                values.number(LOCK_TIMEOUT),
                values.number(ANCHOR_MAX_AGE),
                values.number(TABLE_CHECK_INTERVAL));
    }
}
