package io.pgseam.stream;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The condition of a signal, as its text shows it. It is part of the statement that copies a table, with the rights of the connector's role. So it has to be one
 * expression of the table's own columns and of what PostgreSQL itself brings along: no second statement, no end of
 * the parentheses around it, no subquery, no function of a user, and nothing that differs from one session to the next.
 *
 * @param text SQL
 * @param fault why it cannot be used, for the signal's writer; null if the text shows no reason
 * @param functions names of what may be functions in it, in lower case
 */
record RowCondition(String text, @Nullable String fault, Set<String> functions) {

    /** A condition is part of every offset of the stream until its copy is complete. */
    private static final int LONGEST = 2_000;

    /** They are reserved: a column has such a name only in quotes. */
    private static final Set<String> SUBQUERIES = Set.of("select", "table", "with", "values");

    /** The time of day, or the session: a copy that another session resumes has to choose the same rows. */
    private static final Set<String> OF_SESSION = Set.of(
            "now",
            "age",
            "transaction_timestamp",
            "statement_timestamp",
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "current_setting",
            "pg_backend_pid");

    /** As texts they are times, too. */
    private static final Pattern TIME_OF_DAY =
            Pattern.compile("'[\\s\\d:.+-]*(now|today|tomorrow|yesterday)[\\s\\d:.+-]*'", Pattern.CASE_INSENSITIVE);

    private static final Pattern TOKEN = Pattern.compile(
            "(?<string>'[^']*')|(?<name>\"[^\"]*\")"
                    + "|(?<word>[\\p{L}_][\\p{L}\\p{N}_]*)|(?<number>\\d[\\d.eE]*|\\.\\d[\\d.eE]*)"
                    + "|(?<space>\\s+)|(?<other>.)",
            Pattern.DOTALL);

    /** Reads the text. */
    static RowCondition of(String text) {
        if (text.isBlank() || text.length() > LONGEST) {
            return new RowCondition(text, "it is empty, or has more than " + LONGEST + " characters", Set.of());
        }
        if (text.indexOf('\\') >= 0 || text.indexOf('\0') >= 0) {
            return new RowCondition(
                    text, "it has a backslash, which means something else by the server's settings", Set.of());
        }
        Set<String> functions = new TreeSet<>();
        return new RowCondition(text, fault(text, functions), functions);
    }

    private static @Nullable String fault(String text, Set<String> functions) {
        Matcher token = TOKEN.matcher(text);
        int depth = 0;
        String before = "";
        while (token.find()) {
            String now = token.group();
            if (token.group("space") != null) {
                continue;
            }
            if (token.group("string") != null && TIME_OF_DAY.matcher(now).matches()) {
                return "a text in it is the time of day: write the value itself";
            }
            if (token.group("word") != null) {
                String word = now.toLowerCase(Locale.ROOT);
                if (SUBQUERIES.contains(word)) {
                    return "it has a subquery (" + word.toUpperCase(Locale.ROOT)
                            + "). Only the columns of the table itself can be in it, without SELECT and WHERE";
                }
                if (OF_SESSION.contains(word)) {
                    return word + " differs between the sessions that copy: write the value itself";
                }
                now = word;
            } else if (now.equals("(")) {
                depth++;
                if (before.startsWith("\"")) {
                    return "it calls a function by a name in quotes";
                }
                if (!before.isEmpty() && Character.isUnicodeIdentifierStart(before.charAt(0))) {
                    functions.add(before);
                }
            } else if (now.equals(")")) {
                depth--;
                if (depth < 0) {
                    return "its parentheses are not balanced";
                }
            } else if (token.group("other") != null) {
                String fault = fault(before, now);
                if (fault != null) {
                    return fault;
                }
            }
            before = now;
        }
        return depth == 0 ? null : "its parentheses are not balanced";
    }

    private static @Nullable String fault(String before, String now) {
        return switch (now) {
            case "'", "\"" -> "a quote in it is not closed";
            case ";", "$" -> "it has the character " + now;
            case "." ->
                "it has a qualified name: name columns without their table, and types and functions without a schema";
            case "-" -> before.equals("-") ? "it has a comment" : null;
            case "*" -> before.equals("/") ? "it has a comment" : null;
            default -> null;
        };
    }
}
