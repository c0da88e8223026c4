package io.pgseam.config;

import java.util.Locale;
import java.util.stream.Collectors;

/** Writes Debezium's settings with their verdicts as a Markdown table, for {@code docs/debezium-settings.md}. */
public final class DebeziumSettingsTable {

    private DebeziumSettingsTable() {}

    /** The table; ends with a line break. */
    public static String markdown() {
        return "| Setting | Here | |\n|---|---|---|\n"
                + DebeziumSettings.all().stream()
                        .map(DebeziumSettingsTable::row)
                        .collect(Collectors.joining());
    }

    private static String row(DebeziumSetting setting) {
        String accepted = setting.harmless().stream()
                .sorted()
                .map(value -> "`" + value + "`")
                .collect(Collectors.joining(" and ", " Accepted without a word: ", "."));
        return "| `" + setting.name() + "` | " + verdict(setting) + " | " + setting.meaning()
                + (setting.harmless().isEmpty() ? "" : accepted) + " |\n";
    }

    private static String verdict(DebeziumSetting setting) {
        return switch (setting.verdict()) {
            case NO_EFFECT -> "accepted, no effect";
            case WARNS -> "accepted, a warning in the log";
            case DANGEROUS -> "always refused";
            case SAME, DIFFERS, REFUSED -> setting.verdict().name().toLowerCase(Locale.ROOT);
        };
    }
}
