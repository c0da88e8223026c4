package io.pgseam.tool.dialect;

import static io.pgseam.tool.dialect.SqlText.identifier;
import static io.pgseam.tool.dialect.SqlText.qualified;

import io.pgseam.tool.dialect.Shape.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What StarRocks and Doris have in common: the view over soft deletes, and what their columns cannot be. */
final class MergeTables {

    private static final String RESERVED_BEGIN = "__";

    private MergeTables() {}

    static String liveView(TargetTable table, TargetSettings settings) {
        return "CREATE VIEW IF NOT EXISTS " + qualified(settings.database(), table.name() + "_live") + " AS\nSELECT "
                + SqlText.identifiers(table.columns()) + "\nFROM " + qualified(settings.database(), table.name())
                + "\nWHERE NOT " + identifier("__deleted");
    }

    /** Names that a target refuses or takes for its own, and columns whose values change on the way. */
    static List<String> warnings(TargetTable table, TargetSettings settings, String target) {
        List<String> warnings = new ArrayList<>();
        Map<String, String> lower = new HashMap<>();
        for (TargetColumn column : table.columns()) {
            String name = column.name();
            if (name.equals("__op")
                    || name.equals("__row")
                    || (name.startsWith(RESERVED_BEGIN) && settings.has(name))) {
                warnings.add(of(
                        table,
                        "column " + name + " has a name that messages or " + target
                                + " use themselves: leave it out with column.exclude.list, or rename it"));
            }
            if (name.chars().anyMatch(character -> "=<>!*".indexOf(character) >= 0)) {
                warnings.add(of(
                        table,
                        "column " + name + " has a character that " + target
                                + " does not allow in a name (= < > ! *)"));
            }
            if (name.getBytes(StandardCharsets.UTF_8).length != name.length()) {
                warnings.add(of(table, "column " + name + " is not ASCII: check that " + target + " takes it"));
            }
            String other = lower.put(name.toLowerCase(Locale.ROOT), name);
            if (other != null) {
                warnings.add(of(
                        table, "columns " + other + " and " + name + " differ in case only, and are one to " + target));
            }
            if (column.shape().kind() == Kind.ARRAY) {
                warnings.add(of(
                        table,
                        "column " + name + " is an array of one dimension here. PostgreSQL also lets it have"
                                + " more: such a value fails, or becomes NULL"));
                if (settings.unrepresentableAsText()) {
                    warnings.add(of(
                            table,
                            "column " + name + " is an array, and flat.unrepresentable=string puts text into" + " it: "
                                    + target + " makes such an element NULL without an error. Use null or fail"));
                }
            }
        }
        keys(table, warnings);
        return warnings;
    }

    private static void keys(TargetTable table, List<String> warnings) {
        for (TargetColumn column : table.keys()) {
            switch (column.shape().kind()) {
                case FLOAT4, FLOAT8 ->
                    warnings.add(of(
                            table,
                            "key column " + column.name() + " is a float: its text is the key, and equal"
                                    + " numbers can have different texts"));
                case NUMERIC ->
                    warnings.add(of(
                            table,
                            "key column " + column.name() + " is numeric without a scale: 1.0 and 1.00 are one"
                                    + " key in PostgreSQL, and two in its text"));
                default -> {
                    if (column.sourceType().endsWith("citext")) {
                        warnings.add(of(
                                table,
                                "key column " + column.name() + " is citext: texts that differ in case are one"
                                        + " key in PostgreSQL, and two here"));
                    }
                }
            }
        }
    }

    static String of(TargetTable table, String text) {
        return table.source() + ": " + text;
    }
}
