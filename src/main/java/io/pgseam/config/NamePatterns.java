package io.pgseam.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * A comma-separated list of regular expressions for names, with the rules of Debezium's include and exclude lists: each
 * one has to match the whole name, case does not matter, blanks around it are dropped, empty ones are ignored, and a comma
 * that belongs to an expression is written {@code \,}.
 */
final class NamePatterns {

    private final List<Pattern> patterns;

    private NamePatterns(List<Pattern> patterns) {
        this.patterns = List.copyOf(patterns);
    }

    /**
     * Reads a list.
     *
     * @throws IllegalArgumentException where an expression is malformed; the message names it
     */
    static NamePatterns parse(String list) {
        List<Pattern> patterns = new ArrayList<>();
        for (String expression : split(list)) {
            try {
                patterns.add(Pattern.compile(expression, Pattern.CASE_INSENSITIVE));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "'" + expression + "' is no regular expression: " + e.getDescription()
                                + " (write a comma that belongs to an expression as \\,)",
                        e);
            }
        }
        return new NamePatterns(patterns);
    }

    private static List<String> split(String list) {
        List<String> expressions = new ArrayList<>();
        StringBuilder expression = new StringBuilder();
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            boolean escape = c == '\\' && i + 1 < list.length();
            if (c == ',') {
                add(expressions, expression);
            } else if (escape && list.charAt(i + 1) == ',') {
                expression.append(',');
                i++;
            } else if (escape) {
                expression.append(c).append(list.charAt(++i));
            } else {
                expression.append(c);
            }
        }
        add(expressions, expression);
        return expressions;
    }

    private static void add(List<String> expressions, StringBuilder expression) {
        String trimmed = expression.toString().trim();
        if (!trimmed.isEmpty()) {
            expressions.add(trimmed);
        }
        expression.setLength(0);
    }

    /** The expressions, in their order. */
    List<Pattern> patterns() {
        return patterns;
    }

    boolean isEmpty() {
        return patterns.isEmpty();
    }

    boolean matches(String name) {
        for (Pattern pattern : patterns) {
            if (pattern.matcher(name).matches()) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of the expressions is the name itself, so that this very name is spelled out. */
    boolean spellsOut(String name) {
        return patterns.stream().anyMatch(pattern -> spellsOut(pattern, name));
    }

    /** Whether an expression is the name itself. */
    static boolean spellsOut(Pattern pattern, String name) {
        return pattern.pattern().replace("\\.", ".").equalsIgnoreCase(name)
                || pattern.pattern().equalsIgnoreCase(Pattern.quote(name));
    }

    /** Reports a malformed list at its setting. */
    static ConfigDef.Validator validator() {
        return ConfigDef.LambdaValidator.with(
                (name, value) -> {
                    try {
                        parse(value == null ? "" : (String) value);
                    } catch (IllegalArgumentException e) {
                        throw new ConfigException(name, value, e.getMessage());
                    }
                },
                () -> "comma-separated regular expressions");
    }
}
