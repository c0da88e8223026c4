package io.pgseam.config;

import io.pgseam.record.RowOperation;
import io.pgseam.record.SkippedChanges;
import io.pgseam.record.flat.PackForm;
import io.pgseam.record.flat.PackSettings;
import io.pgseam.record.flat.UnrepresentablePolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The form of the messages.
 *
 * @param format their form
 * @param metadataFields names of the metadata fields that follow the columns, in their order
 * @param unrepresentable what a value without a form becomes
 * @param tombstonesOnDelete whether a message without a value follows each delete
 * @param headers whether messages carry the marks as headers, too
 * @param keyTable whether keys begin with the table's name
 * @param pack how rows share messages; null if each row is a message
 * @param skipped the changes that are left out
 */
public record OutputSettings(
        OutputFormat format,
        Set<String> metadataFields,
        UnrepresentablePolicy unrepresentable,
        boolean tombstonesOnDelete,
        boolean headers,
        boolean keyTable,
        @Nullable PackSettings pack,
        SkippedChanges skipped) {

    public static final String FORMAT = "output.format";
    public static final String METADATA_FIELDS = "flat.metadata.fields";
    public static final String UNREPRESENTABLE = "flat.unrepresentable";
    public static final String TOMBSTONES_ON_DELETE = "tombstones.on.delete";
    public static final String HEADERS = "flat.headers";
    public static final String KEY_TABLE = "flat.key.table";
    public static final String PACK_BYTES = "flat.pack.bytes";
    public static final String PACK_BUCKETS = "flat.pack.buckets";
    public static final String PACK_FORM = "flat.pack.form";

    /** What a message takes besides key and value, as the producer counts, and some to spare. */
    private static final int MESSAGE_OVERHEAD = 128;

    private static final int MOST_BUCKETS = 1_024;

    /** Settings by which Connect creates topics. */
    private static final String TOPIC_CREATION = "topic.creation.";

    private static final String CLEANUP_POLICY = ".cleanup.policy";

    public static final String SKIPPED_OPERATIONS = "skipped.operations";
    public static final String SKIP_UNCHANGED = "skip.messages.without.change";

    private static final String NONE = "none";
    private static final Set<String> OPERATIONS = Set.of("c", "u", "d", "t", NONE);
    private static final String GROUP = "Messages";
    private static final List<String> KNOWN_FIELDS =
            List.of("__op", "__lsn", "__seq", "__snapshot", "__ver", "__deleted", "__ts_ms", "__table", "__txid");
    private static final List<String> DEFAULT_FIELDS = KNOWN_FIELDS.subList(0, 4);

    public OutputSettings {
        metadataFields = Collections.unmodifiableSet(new LinkedHashSet<>(metadataFields));
    }

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .choice(
                        FORMAT,
                        OutputFormat.FLAT,
                        Importance.HIGH,
                        "Form of the messages. `flat`: one JSON object for each row. It needs"
                                + " `org.apache.kafka.connect.converters.ByteArrayConverter` as the connector's"
                                + " `key.converter` and `value.converter`. `debezium`: the envelope of Debezium's PostgreSQL"
                                + " connector, for any converter of structured data; with"
                                + " `ByteArrayConverter` for both, the connector writes it as JSON without schemas, much faster.")
                .list(
                        METADATA_FIELDS,
                        DEFAULT_FIELDS,
                        ConfigDef.LambdaValidator.with(
                                OutputSettings::ensureKnownFields, () -> String.join(", ", KNOWN_FIELDS)),
                        Importance.MEDIUM,
                        "The metadata fields that follow a row's columns, of `" + String.join("`, `", KNOWN_FIELDS)
                                + "`.")
                .choice(
                        UNREPRESENTABLE,
                        UnrepresentablePolicy.NULL,
                        Importance.MEDIUM,
                        "What a value becomes that the receiving database has no form for, such as `infinity` or a year"
                                + " before Christ: `null`, `string` (PostgreSQL's text), or `fail`. The first two are counted"
                                + " and logged.")
                .optionalFlag(
                        TOMBSTONES_ON_DELETE,
                        Importance.LOW,
                        "Whether a message without a value follows each delete, for topics that are compacted. By default"
                                + " `false` with `output.format=flat`, `true` with `debezium`.")
                .text(
                        SKIPPED_OPERATIONS,
                        "t",
                        ConfigDef.LambdaValidator.with(
                                OutputSettings::ensureOperations, () -> "none, or some of c, u, d, t"),
                        Importance.LOW,
                        "Changes that are left out: of `c` (inserts), `u` (updates), `d` (deletes) and `t` (truncates), with commas,"
                                + " or `none`. An update that changes the key is a delete and an insert. Copied rows are never left"
                                + " out. A truncate that is left out is what `truncate.policy` says.")
                .flag(
                        SKIP_UNCHANGED,
                        false,
                        Importance.LOW,
                        "Whether updates are left out that change no captured column. It holds for tables with `REPLICA IDENTITY FULL`:"
                                + " of others the server does not send what a row was.")
                .flag(
                        HEADERS,
                        false,
                        Importance.LOW,
                        "Whether messages carry `pgseam.snapshot`, `pgseam.lsn` and `pgseam.txid` as headers. It costs time"
                                + " for each row.")
                .flag(
                        KEY_TABLE,
                        false,
                        Importance.LOW,
                        "Whether keys begin with `__table`, the schema and table of the row: for tables that share a topic, where"
                                + " rows of two of them may have equal keys.")
                .sizeOrZero(
                        PACK_BYTES,
                        "0",
                        "1kB",
                        Importance.MEDIUM,
                        "Size up to which rows of a table share a message (`docs/messages.md`): bytes, or with kB, MB. 0: each row is"
                                + " a message. Recommended for StarRocks, Doris and ClickHouse: `64kB`. It needs"
                                + " `output.format=flat`. Do not change it once there is a topic: rows would move to other"
                                + " partitions.")
                .number(
                        PACK_BUCKETS,
                        64,
                        ConfigDef.Range.between(1, MOST_BUCKETS),
                        Importance.LOW,
                        "Number of buckets of packed messages, 1 to " + MOST_BUCKETS
                                + ". A row is in the bucket `murmur2(key) mod"
                                + " flat.pack.buckets`, which is the key of its message. Set it to several times the number of"
                                + " partitions. Do not change it once there is a topic.")
                .choice(
                        PACK_FORM,
                        PackForm.LINES,
                        Importance.LOW,
                        "Form of packed messages. `lines`: one JSON object a line, for StarRocks and ClickHouse. `array`: a JSON array,"
                                + " for Doris (`strip_outer_array`).");
    }

    /** What does not fit packed messages. */
    static void check(SettingValues values, Map<String, String> props, Consumer<Fault> faults) {
        if (!values.valid(PACK_BYTES) || values.bytes(PACK_BYTES) == 0) {
            return;
        }
        long bytes = values.bytes(PACK_BYTES);
        if (values.valid(FORMAT) && format(values) == OutputFormat.DEBEZIUM) {
            faults.accept(
                    new Fault(
                            PACK_BYTES,
                            "rows in Debezium's envelope cannot share a message. Set output.format=flat, or flat.pack.bytes=0"));
        }
        if (values.valid(TOMBSTONES_ON_DELETE)
                && values.optionalFlag(TOMBSTONES_ON_DELETE).orElse(false)) {
            faults.accept(new Fault(
                    PACK_BYTES,
                    "a tombstone is for the key of one row, but packed messages have a key for many rows. Set "
                            + TOMBSTONES_ON_DELETE + "=false, or flat.pack.bytes=0"));
        }
        if (values.valid(HEADERS) && values.flag(HEADERS)) {
            faults.accept(new Fault(
                    PACK_BYTES,
                    "headers name the LSN and the transaction of one row, but packed messages have rows of many"
                            + " transactions. Set " + HEADERS + "=false, or flat.pack.bytes=0"));
        }
        props.forEach((name, value) -> {
            if (name.startsWith(TOPIC_CREATION) && name.endsWith(CLEANUP_POLICY) && value.contains("compact")) {
                faults.accept(new Fault(
                        PACK_BYTES,
                        "compaction keeps the last message of a key, and would remove rows: packed messages have a key for"
                                + " many rows. Set " + name + "=delete, or flat.pack.bytes=0"));
            }
        });
        if (values.valid(MessageSettings.MAX_BYTES)) {
            long mostBytes = MessageSettings.from(values, props).maxBytes() - MESSAGE_OVERHEAD;
            if (bytes > mostBytes) {
                faults.accept(new Fault(
                        PACK_BYTES,
                        "the producer takes no message with so many bytes (message.max.bytes): at most " + mostBytes
                                + " are possible"));
            }
        }
    }

    private static @Nullable PackSettings pack(SettingValues values) {
        long bytes = values.bytes(PACK_BYTES);
        return bytes == 0
                ? null
                : new PackSettings(
                        Math.toIntExact(bytes), values.number(PACK_BUCKETS), values.choice(PACK_FORM, PackForm.class));
    }

    private static void ensureOperations(String name, Object value) {
        List<String> operations = operations(value == null ? "" : (String) value);
        if (!OPERATIONS.containsAll(operations) || (operations.size() > 1 && operations.contains(NONE))) {
            throw new ConfigException(name, value, "must be none, or some of c, u, d, t");
        }
    }

    private static List<String> operations(String text) {
        return List.of(text.trim().split("\\s*,\\s*"));
    }

    private static void ensureKnownFields(String name, Object value) {
        List<String> unknown = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Object field : (List<?>) value) {
            String text = (String) field;
            if (!KNOWN_FIELDS.contains(text)) {
                unknown.add(text);
            } else if (!seen.add(text)) {
                throw new ConfigException(name, value, text + " stands twice");
            }
        }
        if (!unknown.isEmpty()) {
            throw new ConfigException(
                    name,
                    value,
                    "unknown: " + String.join(", ", unknown) + "; known are " + String.join(", ", KNOWN_FIELDS));
        }
    }

    static OutputFormat format(SettingValues values) {
        return values.choice(FORMAT, OutputFormat.class);
    }

    static OutputSettings from(SettingValues values) {
        OutputFormat format = format(values);
        return new OutputSettings(
                format,
                values.names(METADATA_FIELDS),
                values.choice(UNREPRESENTABLE, UnrepresentablePolicy.class),
                values.optionalFlag(TOMBSTONES_ON_DELETE).orElse(format == OutputFormat.DEBEZIUM),
                values.flag(HEADERS),
                values.flag(KEY_TABLE),
                pack(values),
                skipped(values));
    }

    private static SkippedChanges skipped(SettingValues values) {
        List<String> operations = operations(values.text(SKIPPED_OPERATIONS));
        return new SkippedChanges(
                Arrays.stream(RowOperation.values())
                        .filter(operation -> operations.contains(operation.code()))
                        .collect(Collectors.toSet()),
                values.flag(SKIP_UNCHANGED));
    }
}
