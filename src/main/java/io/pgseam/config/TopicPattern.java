package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a topic with places for the prefix, for the schema and the table, and for groups of an expression:
 * {@code ${prefix}.${schema}.${table}}, or {@code ${prefix}.$1}.
 */
final class TopicPattern {

    private static final Pattern PLACE = Pattern.compile("\\$\\{(prefix|schema|table)}|\\$([1-9])");
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]*");

    private final String text;
    private final boolean namesEveryTable;

    private TopicPattern(String text) {
        this.text = text;
        this.namesEveryTable = text.contains("${schema}") && text.contains("${table}");
    }

    /**
     * Reads a pattern.
     *
     * @param groups how many groups it may refer to
     * @throws IllegalArgumentException where it is malformed; the message says how
     */
    static TopicPattern parse(String text, int groups) {
        Matcher places = PLACE.matcher(text);
        String rest = places.replaceAll("");
        if (text.isEmpty() || !LEGAL.matcher(rest).matches()) {
            throw new IllegalArgumentException("'" + text + "' may hold ${prefix}, ${schema}, ${table}"
                    + (groups > 0 ? ", $1 to $" + groups : "") + ", and letters, digits, dot, underscore and hyphen");
        }
        places.reset();
        while (places.find()) {
            if (places.group(2) != null && Integer.parseInt(places.group(2)) > groups) {
                throw new IllegalArgumentException(
                        "'" + text + "' refers to group " + places.group() + ", and the expression has " + groups);
            }
        }
        return new TopicPattern(text);
    }

    /** Whether the name has both parts of a table's name, so that no two tables are meant to share it. */
    boolean namesEveryTable() {
        return namesEveryTable;
    }

    /**
     * The name for a table, with whatever characters the table's name has.
     *
     * @param groups of the expression that matched the table; not looked at where the pattern refers to none
     */
    String expand(String prefix, TableId table, Matcher groups) {
        return PLACE.matcher(text).replaceAll(place -> {
            String name = place.group(1);
            String value = name == null
                    ? groups.group(Integer.parseInt(place.group(2)))
                    : switch (name) {
                        case "prefix" -> prefix;
                        case "schema" -> table.schema();
                        default -> table.name();
                    };
            return Matcher.quoteReplacement(value == null ? "" : value);
        });
    }
}
