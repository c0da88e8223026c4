package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Where signals are read from.
 *
 * @param messagePrefix the prefix of messages of {@code pg_logical_emit_message} that are signals; null if no message is
 * @param table the table whose new rows are signals; null if there is none
 */
public record SignalSettings(
        @Nullable String messagePrefix, @Nullable TableId table) {

    public static final String CHANNELS = "signal.enabled.channels";
    public static final String DATA_COLLECTION = "signal.data.collection";
    public static final String MESSAGE_PREFIX = "signal.message.prefix";

    private static final String GROUP = "Signals";
    private static final String MESSAGE = "message";

    /** Debezium's default; it has no effect unless a table is named. */
    private static final String SOURCE = "source";

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .list(
                        CHANNELS,
                        List.of(SOURCE),
                        ConfigDef.ValidList.in(SOURCE, MESSAGE),
                        Importance.MEDIUM,
                        "Where signals are read from, separated by commas. `message`: messages that somebody writes with"
                                + " `pg_logical_emit_message` and the prefix of `signal.message.prefix`; every role of the database may"
                                + " do that. `source`: new rows of the table of `signal.data.collection`. `docs/operations.md`"
                                + " has the signals.")
                .text(
                        DATA_COLLECTION,
                        null,
                        ConfigDef.LambdaValidator.with(SignalSettings::ensureTable, () -> "schema.table"),
                        Importance.MEDIUM,
                        "The table of signals, as `schema.table`. It has three columns: id, type, and data. The connector adds it to its"
                                + " own publication, and never captures it: a new row is a signal, and is in no topic. Whoever may"
                                + " write it may have tables copied.")
                .text(
                        MESSAGE_PREFIX,
                        "pgseam.signal",
                        new ConfigDef.NonEmptyString(),
                        Importance.LOW,
                        "The prefix of messages that are signals, with `signal.enabled.channels=message`. Two connectors on one"
                                + " database need two prefixes, unless each signal is for both.");
    }

    static SignalSettings from(SettingValues values) {
        boolean messages = values.names(CHANNELS).contains(MESSAGE);
        boolean rows = values.names(CHANNELS).contains(SOURCE);
        return new SignalSettings(
                messages ? values.text(MESSAGE_PREFIX) : null,
                rows
                        ? values.optionalText(DATA_COLLECTION)
                                .map(SignalSettings::table)
                                .orElse(null)
                        : null);
    }

    private static void ensureTable(String name, Object value) {
        if (value != null && !((String) value).isBlank() && table(((String) value).trim()) == null) {
            throw new ConfigException(name, value, "must be schema.table, without quotes");
        }
    }

    private static @Nullable TableId table(String text) {
        int dot = text.indexOf('.');
        return dot < 1 || dot == text.length() - 1 || text.indexOf('.', dot + 1) > 0
                ? null
                : new TableId(text.substring(0, dot), text.substring(dot + 1));
    }
}
