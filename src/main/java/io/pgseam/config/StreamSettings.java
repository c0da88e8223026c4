package io.pgseam.config;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * How records are batched, and how changes are streamed.
 *
 * @param heartbeatIntervalMs time between heartbeats, in ms; 0 for none
 * @param maxBatchSize most records that a task hands to Connect at once
 * @param maxQueueBytes most bytes of records that wait in a task
 * @param statusUpdateIntervalMs time between status messages to the server, in ms
 * @param truncatePolicy what a truncate does
 * @param unchangedToast what an unchanged large value becomes
 * @param unavailableValuePlaceholder what stands in for a value that is not at hand
 */
public record StreamSettings(
        int heartbeatIntervalMs,
        int maxBatchSize,
        long maxQueueBytes,
        int statusUpdateIntervalMs,
        TruncatePolicy truncatePolicy,
        UnchangedToastPolicy unchangedToast,
        String unavailableValuePlaceholder) {

    public static final String HEARTBEAT_INTERVAL = "heartbeat.interval.ms";
    public static final String MAX_BATCH_SIZE = "max.batch.size";
    public static final String MAX_QUEUE_BYTES = "max.queue.size.in.bytes";
    public static final String STATUS_UPDATE_INTERVAL = "status.update.interval.ms";
    public static final String TRUNCATE_POLICY = "truncate.policy";
    public static final String UNCHANGED_TOAST = "toast.unchanged";
    public static final String UNAVAILABLE_VALUE_PLACEHOLDER = "unavailable.value.placeholder";

    private static final String GROUP = "Stream";

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        HEARTBEAT_INTERVAL,
                        Type.INT,
                        10_000,
                        ConfigDef.Range.atLeast(0),
                        Importance.MEDIUM,
                        "Time between the heartbeats that let the slot move on while the captured tables are quiet, in ms;"
                                + " 0 for none, and then WAL can pile up.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        HEARTBEAT_INTERVAL)
                .define(
                        MAX_BATCH_SIZE,
                        Type.INT,
                        2_048,
                        ConfigDef.Range.atLeast(1),
                        Importance.MEDIUM,
                        "Most records that a task hands to Connect at once.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        MAX_BATCH_SIZE)
                .define(
                        MAX_QUEUE_BYTES,
                        Type.STRING,
                        "16MB",
                        ByteSize.atLeast("64kB"),
                        Importance.MEDIUM,
                        "Most bytes of records that wait in a task; it bounds the task's memory. Bytes, or with kB, MB, GB.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        MAX_QUEUE_BYTES)
                .define(
                        STATUS_UPDATE_INTERVAL,
                        Type.INT,
                        10_000,
                        ConfigDef.Range.atLeast(1),
                        Importance.LOW,
                        "Time between status messages to the server, in ms. It has to be well below the server's"
                                + " `wal_sender_timeout`.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        STATUS_UPDATE_INTERVAL)
                .define(
                        TRUNCATE_POLICY,
                        Type.STRING,
                        Choice.text(TruncatePolicy.LOG),
                        new Choice(TruncatePolicy.class),
                        Importance.MEDIUM,
                        "What a TRUNCATE of a captured table does, which rows cannot say: `log` warns and writes a record to"
                                + " the control topic, and the topic keeps the rows; `fail` stops the stream.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        TRUNCATE_POLICY)
                .define(
                        UNCHANGED_TOAST,
                        Type.STRING,
                        Choice.text(UnchangedToastPolicy.COMPLETE),
                        new Choice(UnchangedToastPolicy.class),
                        Importance.MEDIUM,
                        "What becomes of a large value that an update left as it was, and that PostgreSQL does not send:"
                                + " `complete` takes it from the old row or reads it by key; `placeholder` writes"
                                + " `unavailable.value.placeholder`; `fail` stops the stream.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        UNCHANGED_TOAST)
                .define(
                        UNAVAILABLE_VALUE_PLACEHOLDER,
                        Type.STRING,
                        "__pgseam_unavailable_value",
                        Importance.LOW,
                        "The text in place of a value that is not at hand.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        UNAVAILABLE_VALUE_PLACEHOLDER);
    }

    static StreamSettings from(SettingValues values) {
        return new StreamSettings(
                values.number(HEARTBEAT_INTERVAL),
                values.number(MAX_BATCH_SIZE),
                values.bytes(MAX_QUEUE_BYTES),
                values.number(STATUS_UPDATE_INTERVAL),
                values.choice(TRUNCATE_POLICY, TruncatePolicy.class),
                values.choice(UNCHANGED_TOAST, UnchangedToastPolicy.class),
                values.text(UNAVAILABLE_VALUE_PLACEHOLDER));
    }
}
