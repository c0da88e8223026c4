package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * The columns that records are keyed by instead of the table's own key, written as Debezium writes them:
 * {@code public.orders:tenant,id;audit\..*:entity}.
 */
final class MessageKeys {

    /** A table's expression, a colon, and names of columns; the expression may itself have colons. */
    private static final Pattern ENTRY = Pattern.compile("(.+):([^:]+)");

    private record Entry(Pattern table, List<String> columns) {}

    private final List<Entry> entries;

    private MessageKeys(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * Reads the setting.
     *
     * @throws IllegalArgumentException where an entry is malformed; the message names it
     */
    static MessageKeys parse(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String part : text.split(";", -1)) {
            if (!part.isBlank()) {
                entries.add(entry(part.trim()));
            }
        }
        return new MessageKeys(entries);
    }

    private static Entry entry(String text) {
        var parts = ENTRY.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not of the form schema.table:column,column");
        }
        List<String> columns = new ArrayList<>();
        for (String column : parts.group(2).split(",", -1)) {
            if (column.isBlank()) {
                throw new IllegalArgumentException("'" + text + "' has a column without a name");
            }
            columns.add(column.trim());
        }
        try {
            return new Entry(Pattern.compile(parts.group(1).trim(), Pattern.CASE_INSENSITIVE), columns);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "'" + parts.group(1) + "' is no regular expression: " + e.getDescription(), e);
        }
    }

    /** Names of the columns, in the order of the key: those of every entry that matches; an empty list where none does. */
    List<String> of(TableId table) {
        Set<String> columns = new LinkedHashSet<>();
        for (Entry entry : entries) {
            if (entry.table().matcher(table.toString()).matches()) {
                columns.addAll(entry.columns());
            }
        }
        return List.copyOf(columns);
    }

    /** Whether an entry is for this table alone. */
    boolean spellsOut(TableId table) {
        return entries.stream().anyMatch(entry -> NamePatterns.spellsOut(entry.table(), table.toString()));
    }

    /** Reports a malformed setting. */
    static ConfigDef.Validator validator() {
        return ConfigDef.LambdaValidator.with(
                (name, value) -> {
                    try {
                        parse(value == null ? "" : (String) value);
                    } catch (IllegalArgumentException e) {
                        throw new ConfigException(name, value, e.getMessage());
                    }
                },
                () -> "schema.table:column,column;…");
    }
}
