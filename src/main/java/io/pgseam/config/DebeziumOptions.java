package io.pgseam.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.CaseInsensitiveValidString;
import org.apache.kafka.common.config.ConfigDef.Importance;

/**
 * How values look in Debezium's envelope: settings of Debezium's connector, with its names, meanings and defaults.
 *
 * @param values the settings by their names
 */
public record DebeziumOptions(Map<String, String> values) {

    public static final String CONVERTING_FAILURE = "event.converting.failure.handling.mode";

    private static final String GROUP = "Messages in Debezium's envelope";
    private static final String DECIMAL = "decimal.handling.mode";
    private static final String TIME = "time.precision.mode";
    private static final String INTERVAL = "interval.handling.mode";
    private static final String HSTORE = "hstore.handling.mode";
    private static final String BINARY = "binary.handling.mode";
    private static final String MONEY = "money.fraction.digits";
    private static final String UNKNOWN_TYPES = "include.unknown.datatypes";
    private static final String SCHEMA_NAMES = "schema.name.adjustment.mode";
    private static final String FIELD_NAMES = "field.name.adjustment.mode";
    private static final List<String> TEXTS = List.of(
            DECIMAL,
            TIME,
            INTERVAL,
            HSTORE,
            BINARY,
            SCHEMA_NAMES,
            FIELD_NAMES,
            OutputSettings.SKIPPED_OPERATIONS,
            CONVERTING_FAILURE);

    /** PostgreSQL's money has as many as the server's {@code lc_monetary}; none of its locales has more than three. */
    private static final int MOST_MONEY_DIGITS = 9;

    public DebeziumOptions {
        values = Map.copyOf(values);
    }

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .text(
                        DECIMAL,
                        "precise",
                        CaseInsensitiveValidString.in("precise", "string", "double"),
                        Importance.MEDIUM,
                        "`numeric` and `money`: `precise` (Connect's Decimal), `string`, or `double`, which can lose digits.")
                .text(
                        TIME,
                        "adaptive",
                        CaseInsensitiveValidString.in(
                                "adaptive",
                                "adaptive_time_microseconds",
                                "connect",
                                "isostring",
                                "microseconds",
                                "nanoseconds",
                                "structured"),
                        Importance.MEDIUM,
                        "Dates and times: `adaptive` by the column's precision, `adaptive_time_microseconds`, `connect`"
                                + " (milliseconds, loses the rest), `isostring`, `microseconds`, `nanoseconds` or `structured`.")
                .text(
                        INTERVAL,
                        "numeric",
                        CaseInsensitiveValidString.in("numeric", "string"),
                        Importance.LOW,
                        "`interval`: `numeric` (microseconds, with 30.4375 days to a month) or `string` (ISO 8601).")
                .text(
                        HSTORE,
                        "json",
                        CaseInsensitiveValidString.in("json", "map"),
                        Importance.LOW,
                        "`hstore`: `json` (a string) or `map`.")
                .text(
                        BINARY,
                        "bytes",
                        CaseInsensitiveValidString.in("bytes", "base64", "base64-url-safe", "hex"),
                        Importance.LOW,
                        "`bytea`: `bytes`, or a string in `base64`, `base64-url-safe` or `hex`.")
                .number(
                        MONEY,
                        2,
                        ConfigDef.Range.between(0, MOST_MONEY_DIGITS),
                        Importance.LOW,
                        "Digits after the point of `money`.")
                .flag(
                        UNKNOWN_TYPES,
                        false,
                        Importance.MEDIUM,
                        "Whether columns of types that Debezium does not know are there, as PostgreSQL's text in the form that"
                                + " `binary.handling.mode` says; else they are left out.")
                .text(
                        SCHEMA_NAMES,
                        "none",
                        CaseInsensitiveValidString.in("none", "avro", "avro_unicode"),
                        Importance.LOW,
                        "How names of schemas are fitted to what a converter can take.")
                .text(
                        FIELD_NAMES,
                        "none",
                        CaseInsensitiveValidString.in("none", "avro", "avro_unicode"),
                        Importance.LOW,
                        "How names of fields are fitted to what a converter can take.")
                .text(
                        CONVERTING_FAILURE,
                        "fail",
                        CaseInsensitiveValidString.in("fail", "warn", "skip"),
                        Importance.LOW,
                        "What a value does that Debezium's classes cannot convert: `fail` stops the task; `warn` and `skip`"
                                + " leave the field out, with and without a line in the log. Debezium's default is `warn`.");
    }

    /** Settings of this group that are given although the flat format does not have what they are about. */
    static List<String> withoutEffect(Map<String, String> props) {
        return OutputFormat.DEBEZIUM
                        .name()
                        .equalsIgnoreCase(
                                props.getOrDefault(OutputSettings.FORMAT, "").trim())
                ? List.of()
                : Stream.of(DECIMAL, TIME, INTERVAL, HSTORE, BINARY, MONEY, UNKNOWN_TYPES, SCHEMA_NAMES, FIELD_NAMES)
                        .filter(props::containsKey)
                        .toList();
    }

    static DebeziumOptions from(SettingValues values) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String setting : TEXTS) {
            options.put(setting, values.text(setting).trim());
        }
        options.put(MONEY, String.valueOf(values.number(MONEY)));
        options.put(OutputSettings.SKIP_UNCHANGED, String.valueOf(values.flag(OutputSettings.SKIP_UNCHANGED)));
        options.put(UNKNOWN_TYPES, String.valueOf(values.flag(UNKNOWN_TYPES)));
        return new DebeziumOptions(options);
    }
}
