package io.pgseam.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** Writes the settings as Markdown: one table for each group, with name, default and meaning. */
public final class SettingsTable {

    private final ConfigDef definition;

    public SettingsTable(ConfigDef definition) {
        this.definition = definition;
    }

    /** The tables, in the order of the definition; ends with a line break. */
    public String markdown() {
        Map<String, StringBuilder> groups = new LinkedHashMap<>();
        definition.groups().forEach(group -> groups.put(group, new StringBuilder()));
        for (ConfigKey key : definition.configKeys().values()) {
            groups.computeIfAbsent(key.group, unused -> new StringBuilder()).append(row(key));
        }
        return groups.entrySet().stream()
                .map(group -> "**" + group.getKey() + "**\n\n| Setting | Default | Meaning |\n|---|---|---|\n"
                        + group.getValue())
                .collect(Collectors.joining("\n"));
    }

    private static String row(ConfigKey key) {
        return "| `" + key.name + "` | " + defaultText(key) + " | " + key.documentation.replace("|", "\\|") + " |\n";
    }

    private static String defaultText(ConfigKey key) {
        if (!key.hasDefault()) {
            return "*required*";
        }
        if (key.defaultValue == null) {
            return "";
        }
        String text = key.defaultValue instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(key.defaultValue);
        return text.isEmpty() ? "" : "`" + text + "`";
    }
}
