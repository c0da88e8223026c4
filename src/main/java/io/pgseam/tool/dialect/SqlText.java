package io.pgseam.tool.dialect;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** Quoting, as StarRocks and Doris read it, and lists over several lines. */
final class SqlText {

    private static final int LONGEST_JOB = 64;

    private SqlText() {}

    static String identifier(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    static String qualified(String database, String name) {
        return identifier(database) + "." + identifier(name);
    }

    static String string(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    static String identifiers(List<TargetColumn> columns) {
        return columns.stream().map(column -> identifier(column.name())).collect(Collectors.joining(", "));
    }

    /** {@code "key" = "value"} on a line each, in the order of the map. */
    static String properties(Map<String, String> properties) {
        return properties.entrySet().stream()
                .map(entry -> "  " + string(entry.getKey()) + " = " + string(entry.getValue()))
                .collect(Collectors.joining(",\n", "(\n", "\n)"));
    }

    /** A name that every target takes for a job: ASCII letters, digits and underscores, at most 64. */
    static String jobName(String table) {
        String suffix = "_pgseam";
        String legal = table.replaceAll("[^a-zA-Z0-9_]", "_");
        if (!legal.equals(table) || legal.length() + suffix.length() > LONGEST_JOB || !legal.matches("[a-zA-Z_].*")) {
            CRC32 checksum = new CRC32();
            checksum.update(table.getBytes(StandardCharsets.UTF_8));
            String digits = String.format(Locale.ROOT, "_%08x", checksum.getValue());
            int room = LONGEST_JOB - suffix.length() - digits.length() - 1;
            legal = "_" + legal.substring(0, Math.min(legal.length(), room)) + digits;
        }
        return legal + suffix;
    }
}
