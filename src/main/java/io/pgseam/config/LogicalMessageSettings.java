package io.pgseam.config;

import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/** Which messages of {@code pg_logical_emit_message} are captured, by their prefixes. */
public final class LogicalMessageSettings {

    public static final String INCLUDE = "message.prefix.include.list";
    public static final String EXCLUDE = "message.prefix.exclude.list";

    private static final String GROUP = "Logical messages";

    private final NamePatterns include;
    private final NamePatterns exclude;

    private LogicalMessageSettings(NamePatterns include, NamePatterns exclude) {
        this.include = include;
        this.exclude = exclude;
    }

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .text(
                        INCLUDE,
                        "",
                        NamePatterns.validator(),
                        Importance.MEDIUM,
                        "Which messages that applications write with `pg_logical_emit_message` are sent, to the topic"
                                + " `<topic.prefix>.message`: regular expressions for their prefixes, separated by commas. Each has to match"
                                + " the whole prefix; case does not matter. If neither list is set, `output.format=debezium` sends"
                                + " all messages, as Debezium does, and `flat` none. Signals are never sent.")
                .text(
                        EXCLUDE,
                        "",
                        NamePatterns.validator(),
                        Importance.MEDIUM,
                        "Which of these messages are not sent, written the same way; all others are sent. Not together with"
                                + " `message.prefix.include.list`. `.*` sends none.");
    }

    static void check(SettingValues values, Consumer<Fault> faults) {
        if (values.valid(INCLUDE, EXCLUDE)
                && values.optionalText(INCLUDE).isPresent()
                && values.optionalText(EXCLUDE).isPresent()) {
            faults.accept(new Fault(EXCLUDE, INCLUDE + " and " + EXCLUDE + " are both set: remove one of them"));
        }
    }

    /** Null if no message is captured. */
    static @Nullable LogicalMessageSettings from(SettingValues values, OutputFormat format) {
        NamePatterns include = NamePatterns.parse(values.text(INCLUDE));
        NamePatterns exclude = NamePatterns.parse(values.text(EXCLUDE));
        return format == OutputFormat.FLAT && include.isEmpty() && exclude.isEmpty()
                ? null
                : new LogicalMessageSettings(include, exclude);
    }

    /** Whether messages with this prefix, which may be empty, are captured. */
    public boolean includes(String prefix) {
        return include.isEmpty() ? !exclude.matches(prefix) : include.matches(prefix);
    }
}
