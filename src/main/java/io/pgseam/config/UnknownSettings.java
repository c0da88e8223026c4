package io.pgseam.config;

import io.pgseam.config.DebeziumSetting.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;

/**
 * Looks at settings that the connector does not define. One that Debezium has gets Debezium's verdict. Another one that begins as
 * the connector's own do is a slip of the pen: {@code table.inclde.list} would capture every table.
 */
final class UnknownSettings {

    /** Whether settings that are not supported are refused; never those that are dangerous to ignore. */
    static final String UNSUPPORTED = "unsupported.settings";

    /** First parts of names that belong to the connector or to Debezium. */
    private static final Set<String> PREFIXES = Set.of(
            "column",
            "database",
            "decimal",
            "driver",
            "flat",
            "heartbeat",
            "incremental",
            "lsn",
            "message",
            "metrics",
            "notification",
            "output",
            "publication",
            "publish",
            "schema",
            "signal",
            "slot",
            "snapshot",
            "stream",
            "table",
            "time",
            "toast",
            "tombstones",
            "topic",
            "truncate",
            "unsupported");

    /** Connect's own, below one of these prefixes. */
    private static final String TOPIC_CREATION = "topic.creation.";

    private static final int FARTHEST = 4;

    private UnknownSettings() {}

    /** What to do with settings that Debezium has and that are not supported here. */
    enum Unsupported {
        REFUSE,
        WARN
    }

    static void define(ConfigDef definition) {
        new SettingGroup(definition, "Migration")
                .choice(
                        UNSUPPORTED,
                        Unsupported.REFUSE,
                        ConfigDef.Importance.LOW,
                        "What settings of Debezium's do that are not supported: `refuse` refuses the configuration, `warn` logs"
                                + " each at every start. Settings that would send private data if they were ignored are"
                                + " always refused. `docs/debezium-settings.md` has every setting.");
    }

    /** Finds the settings because of which the configuration is refused. */
    static void check(Map<String, String> props, Set<String> known, boolean warnsOnly, Consumer<Fault> faults) {
        new TreeMap<>(props).forEach((name, value) -> {
            if (known.contains(name)
                    || MaskSettings.isRule(name)
                    || SignalSettings.isOfConsumer(name)
                    || DriverSettings.isProperty(name, known)) {
                return;
            }
            Optional<DebeziumSetting> debezium = DebeziumSettings.find(name);
            if (debezium.isPresent()) {
                DebeziumSetting setting = debezium.get();
                boolean refused =
                        setting.verdict() == Verdict.DANGEROUS || (setting.verdict() == Verdict.REFUSED && !warnsOnly);
                if (refused && !setting.isHarmless(value)) {
                    faults.accept(new Fault(name, "this setting of Debezium's is not supported. " + setting.meaning()));
                }
            } else if (isReserved(name)) {
                faults.accept(new Fault(name, "there is no such setting" + nearest(name, known)));
            }
        });
    }

    /** What is not supported and accepted all the same, as sentences for the log. */
    static List<String> warnings(Map<String, String> props, Set<String> known) {
        List<String> warnings = new ArrayList<>();
        new TreeMap<>(props)
                .forEach((name, value) -> DebeziumSettings.find(name)
                        .filter(setting -> !known.contains(name))
                        .filter(setting -> setting.verdict() == Verdict.WARNS || setting.verdict() == Verdict.REFUSED)
                        .filter(setting -> !setting.isHarmless(value))
                        .ifPresent(setting -> warnings.add("Setting " + MaskSettings.withoutSalt(name)
                                + " of Debezium's is not supported. " + setting.meaning())));
        return warnings;
    }

    private static boolean isReserved(String name) {
        int dot = name.indexOf('.');
        return dot > 0 && PREFIXES.contains(name.substring(0, dot)) && !name.startsWith(TOPIC_CREATION);
    }

    private static String nearest(String name, Set<String> known) {
        return Stream.concat(
                        known.stream(),
                        DebeziumSettings.all().stream()
                                .filter(setting -> setting.pattern() == null)
                                .map(DebeziumSetting::name))
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= FARTHEST)
                .map(candidate -> ". Did you mean " + candidate + "?")
                .orElse(": remove it, or see the list of settings in the documentation");
    }

    /** How many characters have to be inserted, left out or replaced to make one name of the other (Levenshtein). */
    static int distance(String first, String second) {
        int[] before = new int[second.length() + 1];
        for (int column = 0; column <= second.length(); column++) {
            before[column] = column;
        }
        for (int row = 1; row <= first.length(); row++) {
            int[] current = new int[second.length() + 1];
            current[0] = row;
            for (int column = 1; column <= second.length(); column++) {
                int replaced = first.charAt(row - 1) == second.charAt(column - 1) ? 0 : 1;
                current[column] =
                        Math.min(Math.min(current[column - 1], before[column]) + 1, before[column - 1] + replaced);
            }
            before = current;
        }
        return before[second.length()];
    }
}
