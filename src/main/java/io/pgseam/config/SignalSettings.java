package io.pgseam.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/**
 * Where signals are read from.
 *
 * @param messagePrefix the prefix of messages of {@code pg_logical_emit_message} that are signals; null if no message is
 */
public record SignalSettings(@Nullable String messagePrefix) {

    public static final String CHANNELS = "signal.enabled.channels";
    public static final String MESSAGE_PREFIX = "signal.message.prefix";

    private static final String GROUP = "Signals";
    private static final String MESSAGE = "message";

    /** Debezium's default. It reads nothing unless a table is named. */
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
                                + " do that. `source`, Debezium's name for a table of signals, reads nothing. `docs/operations.md` has the"
                                + " signals.")
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
        return new SignalSettings(messages ? values.text(MESSAGE_PREFIX) : null);
    }
}
