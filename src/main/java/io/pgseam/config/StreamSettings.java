package io.pgseam.config;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.phase.StreamEnd;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

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
 * @param invalidText what a text becomes that cannot be converted to UTF-8
 * @param end where the stream is to end; null for never
 */
public record StreamSettings(
        int heartbeatIntervalMs,
        int maxBatchSize,
        long maxQueueBytes,
        int statusUpdateIntervalMs,
        TruncatePolicy truncatePolicy,
        UnchangedToastPolicy unchangedToast,
        String unavailableValuePlaceholder,
        InvalidTextPolicy invalidText,
        @Nullable StreamEnd end) {

    public static final String HEARTBEAT_INTERVAL = "heartbeat.interval.ms";
    public static final String MAX_BATCH_SIZE = "max.batch.size";
    public static final String MAX_QUEUE_BYTES = "max.queue.size.in.bytes";
    public static final String STATUS_UPDATE_INTERVAL = "status.update.interval.ms";
    public static final String TRUNCATE_POLICY = "truncate.policy";
    public static final String UNCHANGED_TOAST = "toast.unchanged";
    public static final String UNAVAILABLE_VALUE_PLACEHOLDER = "unavailable.value.placeholder";

    public static final String INVALID_TEXT = "text.invalid";

    public static final String END_LSN = "stream.end.lsn";

    private static final String GROUP = "Stream";
    private static final String DEFAULT_QUEUE = "16MB";

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .number(
                        HEARTBEAT_INTERVAL,
                        10_000,
                        ConfigDef.Range.atLeast(0),
                        Importance.MEDIUM,
                        "Time between the heartbeats that let the slot move on while the captured tables are quiet, in ms;"
                                + " 0 for none, and then WAL can pile up.")
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
                                + " `wal_sender_timeout`.")
                .text(
                        END_LSN,
                        null,
                        ConfigDef.LambdaValidator.with(
                                StreamSettings::ensureLsn, () -> "an LSN as PostgreSQL writes it, such as 16/B374D848"),
                        Importance.LOW,
                        "Where the stream ends, as an LSN in the form that `pg_current_wal_lsn()` has: what was committed"
                                + " before it is sent, a later transaction is not, and then the connector rests. The slot"
                                + " stays; with a later LSN, or none, the stream goes on. Where unset, it does not end.")
                .choice(
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

    private static void ensureLsn(String name, Object value) {
        if (value == null || ((String) value).isBlank()) {
            return;
        }
        try {
            if (!Lsn.parse(((String) value).trim()).equals(Lsn.NONE)) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // Said below, in the words of the setting.
        }
        throw new ConfigException(
                name, value, "must be an LSN as PostgreSQL writes it, two hexadecimal numbers such as 16/B374D848");
    }

    static void check(SettingValues values, Consumer<Fault> faults) {
        if (values.valid(END_LSN, SnapshotSettings.MODE)
                && values.optionalText(END_LSN).isPresent()
                && values.choice(SnapshotSettings.MODE, SnapshotMode.class) == SnapshotMode.INITIAL_ONLY) {
            faults.accept(new Fault(
                    END_LSN,
                    "nothing is streamed with " + SnapshotSettings.MODE + " = initial_only: remove one of the two"));
        }
    }

    static StreamSettings from(SettingValues values, OutputFormat format) {
        boolean debezium = format == OutputFormat.DEBEZIUM;
        return new StreamSettings(
                values.number(HEARTBEAT_INTERVAL),
                values.number(MAX_BATCH_SIZE),
                values.bytesOr(MAX_QUEUE_BYTES, DEFAULT_QUEUE),
                values.number(STATUS_UPDATE_INTERVAL),
                values.choice(TRUNCATE_POLICY, TruncatePolicy.class),
                values.optionalChoice(UNCHANGED_TOAST, UnchangedToastPolicy.class)
                        .orElse(debezium ? UnchangedToastPolicy.PLACEHOLDER : UnchangedToastPolicy.COMPLETE),
                values.optionalText(UNAVAILABLE_VALUE_PLACEHOLDER)
                        .orElse(debezium ? "__debezium_unavailable_value" : "__pgseam_unavailable_value"),
                values.choice(INVALID_TEXT, InvalidTextPolicy.class),
                values.optionalText(END_LSN).map(Lsn::parse).map(StreamEnd::new).orElse(null));
    }
}
