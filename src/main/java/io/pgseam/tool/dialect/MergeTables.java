package io.pgseam.tool.dialect;

import static io.pgseam.tool.dialect.SqlText.identifier;
import static io.pgseam.tool.dialect.SqlText.qualified;
import static io.pgseam.tool.dialect.SqlText.string;

import io.pgseam.tool.dialect.Shape.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** What StarRocks and Doris have in common: they go back to one project, and most of their statements are the same. */
final class MergeTables {

    private static final String RESERVED_BEGIN = "__";

    private MergeTables() {}

    static String liveView(TargetTable table, TargetSettings settings) {
        return "CREATE VIEW IF NOT EXISTS " + qualified(settings.database(), table.name() + "_live") + " AS\nSELECT "
                + SqlText.identifiers(table.columns()) + "\nFROM " + qualified(settings.database(), table.name())
                + "\nWHERE NOT " + identifier("__deleted");
    }

    static String createDatabase(TargetSettings settings) {
        return "CREATE DATABASE IF NOT EXISTS " + identifier(settings.database());
    }

    /** CREATE TABLE up to the last of the source's columns. */
    static StringBuilder create(TargetTable table, TargetSettings settings, Function<TargetColumn, String> types) {
        StringBuilder sql = new StringBuilder(
                "CREATE TABLE IF NOT EXISTS " + qualified(settings.database(), table.name()) + " (\n");
        for (TargetColumn column : table.columns()) {
            sql.append("  ").append(definition(column, types)).append(",\n");
        }
        return sql;
    }

    private static String definition(TargetColumn column, Function<TargetColumn, String> types) {
        return identifier(column.name()) + " " + types.apply(column) + (column.key() ? " NOT NULL" : " NULL")
                + " COMMENT " + string(column.comment());
    }

    /** Where a job reads. */
    static String source(TargetTable table, LoadSettings load) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("kafka_broker_list", load.brokers());
        properties.put("kafka_topic", table.topic());
        properties.put("kafka_partitions", load.partitionList());
        properties.put("kafka_offsets", load.offsetList());
        properties.put("property.isolation.level", "read_committed");
        properties.put("property.group.id", load.group());
        return "\nFROM KAFKA " + SqlText.properties(properties);
    }

    static List<String> stop(TargetTable table, TargetSettings settings) {
        return List.of("STOP ROUTINE LOAD FOR " + job(table, settings));
    }

    private static String job(TargetTable table, TargetSettings settings) {
        return qualified(settings.database(), SqlText.jobName(table.name()));
    }

    /** Statements that pause a job, move it and resume it. */
    static List<String> move(TargetTable table, TargetSettings settings, LoadSettings load) {
        Map<String, String> offsets = new LinkedHashMap<>();
        offsets.put("kafka_partitions", load.partitionList());
        offsets.put("kafka_offsets", load.offsetList());
        String job = job(table, settings);
        return List.of(
                "PAUSE ROUTINE LOAD FOR " + job,
                "ALTER ROUTINE LOAD FOR " + job + "\nFROM KAFKA " + SqlText.properties(offsets),
                "RESUME ROUTINE LOAD FOR " + job);
    }

    /**
     * One statement for each new name, and one for the rest: a server takes the next one when it has finished the one before.
     *
     * @param renamedTo the grammar between the old name of a column and the new one
     */
    static List<String> alter(
            TableChange change, TargetSettings settings, Function<TargetColumn, String> types, String renamedTo) {
        String table =
                "ALTER TABLE " + qualified(settings.database(), change.table().name());
        List<String> statements = new ArrayList<>();
        new TreeMap<>(change.renamed())
                .forEach((from, to) ->
                        statements.add(table + " RENAME COLUMN " + identifier(from) + renamedTo + identifier(to)));
        List<String> clauses = new ArrayList<>();
        change.added().forEach(column -> clauses.add("ADD COLUMN " + definition(column, types)));
        change.retyped().forEach(column -> clauses.add("MODIFY COLUMN " + definition(column, types)));
        change.dropped().forEach(column -> clauses.add("DROP COLUMN " + identifier(column)));
        if (!clauses.isEmpty()) {
            statements.add(table + "\n  " + String.join(",\n  ", clauses));
        }
        if (settings.soft()) {
            statements.add("DROP VIEW IF EXISTS "
                    + qualified(settings.database(), change.table().name() + "_live"));
            statements.add(liveView(change.table(), settings));
        }
        return statements;
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
