package io.pgseam.config;

import io.pgseam.phase.StreamLimits;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/**
 * How records are batched, and how changes are streamed.
 *
 * @param heartbeatIntervalMs time between heartbeats, in ms; 0 for none
 * @param heartbeatQuery a statement that is run as often; null for none
 * @param maxBatchSize most records that a task hands to Connect at once
 * @param maxQueueBytes most bytes of records that wait in a task
 * @param statusUpdateIntervalMs time between status messages to the server, in ms
 * @param truncatePolicy what a truncate does
 * @param unchangedToast what an unchanged large value becomes
 * @param unavailableValuePlaceholder what stands in for a value that is not at hand
 * @param invalidText what a text becomes that cannot be converted to UTF-8
 * @param limits where the stream begins and ends
 */
public record StreamSettings(
        int heartbeatIntervalMs,
        @Nullable String heartbeatQuery,
        int maxBatchSize,
        long maxQueueBytes,
        int statusUpdateIntervalMs,
        TruncatePolicy truncatePolicy,
        UnchangedToastPolicy unchangedToast,
        String unavailableValuePlaceholder,
        InvalidTextPolicy invalidText,
        StreamLimits limits) {

    public static final String HEARTBEAT_INTERVAL = "heartbeat.interval.ms";
    public static final String HEARTBEAT_QUERY = "heartbeat.action.query";
    public static final String MAX_BATCH_SIZE = "max.batch.size";
    public static final String MAX_QUEUE_BYTES = "max.queue.size.in.bytes";
    public static final String STATUS_UPDATE_INTERVAL = "status.update.interval.ms";
    public static final String TRUNCATE_POLICY = "truncate.policy";
    public static final String UNCHANGED_TOAST = "toast.unchanged";
    public static final String UNAVAILABLE_VALUE_PLACEHOLDER = "unavailable.value.placeholder";

    public static final String INVALID_TEXT = "text.invalid";

    private static final String GROUP = "Stream";
    private static final String DEFAULT_QUEUE = "16MB";

    static void define(ConfigDef definition) {
        SettingGroup group = new SettingGroup(definition, GROUP)
                .number(
                        HEARTBEAT_INTERVAL,
                        10_000,
                        ConfigDef.Range.atLeast(0),
                        Importance.MEDIUM,
                        "Time between the heartbeats that let the slot move on while the captured tables are quiet, in ms;"
                                + " 0 for none, and then WAL can pile up.")
                .text(
                        HEARTBEAT_QUERY,
                        null,
                        null,
                        Importance.LOW,
                        "A statement that the connector runs in the source every `heartbeat.interval.ms`, such as an update of a row"
                                + " by whose age in the topic you see whether changes arrive. It is not needed for the slot to move"
                                + " on. The role needs the rights for it; a name without a schema is in `public`. If it fails, the log says so,"
                                + " and it is tried again. Refused if the server is a standby.")
                .number(
                        MAX_BATCH_SIZE,
                        20_000,
                        ConfigDef.Range.atLeast(1),
                        Importance.MEDIUM,
                        "Most records that a task hands to Connect at once. With exactly-once support that is one Kafka"
                                + " transaction, so a small number costs throughput. A source transaction with more records is"
                                + " sent in parts.")
                .sizeOrZero(
                        MAX_QUEUE_BYTES,
                        DEFAULT_QUEUE,
                        "64kB",
                        Importance.MEDIUM,
                        "Most bytes of records that wait in a task; it bounds the task's memory. Bytes, or with kB, MB, GB;"
                                + " 0 for the default.")
                .number(
                        STATUS_UPDATE_INTERVAL,
                        10_000,
                        ConfigDef.Range.atLeast(1),
                        Importance.LOW,
                        "Time between status messages to the server, in ms. It has to be well below the server's"
                                + " `wal_sender_timeout`.");
        LimitSettings.define(group);
        group.choice(
                        TRUNCATE_POLICY,
                        TruncatePolicy.LOG,
                        Importance.MEDIUM,
                        "What a TRUNCATE of a captured table does, which rows cannot say: `log` warns and writes a record to"
                                + " the control topic, and the topic keeps the rows; `fail` stops the stream.")
                .optionalChoice(
                        UNCHANGED_TOAST,
                        UnchangedToastPolicy.class,
                        Importance.MEDIUM,
                        "What becomes of a large value that an update left as it was, and that PostgreSQL does not send:"
                                + " `complete` takes it from the old row or reads it by key; `placeholder` writes"
                                + " `unavailable.value.placeholder`; `fail` stops the stream. By default"
                                + " `complete` with `output.format=flat`, `placeholder` with `debezium`.")
                .text(
                        UNAVAILABLE_VALUE_PLACEHOLDER,
                        null,
                        null,
                        Importance.LOW,
                        "The text in place of a value that is not at hand. By default `__pgseam_unavailable_value` with"
                                + " `output.format=flat`, `__debezium_unavailable_value` with `debezium`.")
                .choice(
                        INVALID_TEXT,
                        InvalidTextPolicy.FAIL,
                        Importance.LOW,
                        "What becomes of a text that has no form in UTF-8, because its bytes are not valid in the"
                                + " database's encoding (any are in SQL_ASCII), or its character is not in Unicode: `fail` stops"
                                + " the copy or the stream and names table and column; `replace` writes U+FFFD in its place and"
                                + " warns.");
    }

    static void check(SettingValues values, Consumer<Fault> faults) {
        if (values.valid(HEARTBEAT_QUERY, HEARTBEAT_INTERVAL)
                && values.optionalText(HEARTBEAT_QUERY).isPresent()
                && values.number(HEARTBEAT_INTERVAL) == 0) {
            faults.accept(new Fault(
                    HEARTBEAT_QUERY,
                    "it would never be run, because " + HEARTBEAT_INTERVAL + " is 0: set that, or remove the query"));
        }
    }

    static StreamSettings from(SettingValues values, OutputFormat format) {
        boolean debezium = format == OutputFormat.DEBEZIUM;
        return new StreamSettings(
                values.number(HEARTBEAT_INTERVAL),
                values.optionalText(HEARTBEAT_QUERY).orElse(null),
                values.number(MAX_BATCH_SIZE),
                values.bytesOr(MAX_QUEUE_BYTES, DEFAULT_QUEUE),
                values.number(STATUS_UPDATE_INTERVAL),
                values.choice(TRUNCATE_POLICY, TruncatePolicy.class),
                values.optionalChoice(UNCHANGED_TOAST, UnchangedToastPolicy.class)
                        .orElse(debezium ? UnchangedToastPolicy.PLACEHOLDER : UnchangedToastPolicy.COMPLETE),
                values.optionalText(UNAVAILABLE_VALUE_PLACEHOLDER)
                        .orElse(debezium ? "__debezium_unavailable_value" : "__pgseam_unavailable_value"),
                values.choice(INVALID_TEXT, InvalidTextPolicy.class),
                LimitSettings.from(values));
    }
}
