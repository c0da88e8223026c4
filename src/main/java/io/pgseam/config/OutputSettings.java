package io.pgseam.config;

import io.pgseam.record.flat.UnrepresentablePolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;

/**
 * The form of the messages.
 *
 * @param format their form
 * @param metadataFields names of the metadata fields that follow the columns, in their order
 * @param unrepresentable what a value without a form becomes
 * @param tombstonesOnDelete whether a message without a value follows each delete
 * @param headers whether messages carry the marks as headers, too
 */
public record OutputSettings(
        OutputFormat format,
        Set<String> metadataFields,
        UnrepresentablePolicy unrepresentable,
        boolean tombstonesOnDelete,
        boolean headers,
        boolean keyTable) {

    public static final String FORMAT = "output.format";
    public static final String METADATA_FIELDS = "flat.metadata.fields";
    public static final String UNREPRESENTABLE = "flat.unrepresentable";
    public static final String TOMBSTONES_ON_DELETE = "tombstones.on.delete";
    public static final String HEADERS = "flat.headers";
    public static final String KEY_TABLE = "flat.key.table";

    private static final String GROUP = "Messages";
    private static final List<String> KNOWN_FIELDS =
            List.of("__op", "__lsn", "__seq", "__snapshot", "__ver", "__deleted", "__ts_ms", "__table");
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
                                + " connector, for any converter of structured data.")
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
                                + " rows of two of them may have equal keys.");
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
                values.flag(KEY_TABLE));
    }
}
