package io.pgseam.tool.dialect;

import static io.pgseam.tool.dialect.SqlText.identifier;
import static io.pgseam.tool.dialect.SqlText.qualified;
import static io.pgseam.tool.dialect.SqlText.string;

import io.pgseam.tool.target.DatabaseKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Unique key tables with a sequence column, and Routine Load, of Apache Doris. */
public final class Doris implements Dialect {

    private static final int LONGEST_VARCHAR = 65_533;
    private static final int MOST_DIGITS = 38;

    @Override
    public DatabaseKind kind() {
        return DatabaseKind.DORIS;
    }

    /**
     * The type of a column.
     *
     * @param key whether it is part of the key, for which Doris takes fewer types
     * @param jsonAsText whether JSON becomes text
     */
    public String type(Shape shape, boolean key, boolean jsonAsText) {
        String text = key ? "VARCHAR(" + LONGEST_VARCHAR + ")" : "STRING";
        return switch (shape.kind()) {
            case BOOLEAN -> "BOOLEAN";
            case INT2 -> "SMALLINT";
            case INT4 -> "INT";
            case INT8, UINT4 -> "BIGINT";
            case FLOAT4 -> key ? "VARCHAR(32)" : "FLOAT";
            case FLOAT8 -> key ? "VARCHAR(32)" : "DOUBLE";
            case DECIMAL ->
                shape.length() > MOST_DIGITS ? text : "DECIMAL(" + shape.length() + "," + shape.scale() + ")";
            case DATE -> "DATE";
            case TIMESTAMP -> "DATETIME(6)";
            case TIME -> "VARCHAR(32)";
            case UUID -> "VARCHAR(36)";
            case INET -> "VARCHAR(43)";
            case MACADDR -> "VARCHAR(17)";
            case MACADDR8 -> "VARCHAR(23)";
            case ENUM -> "VARCHAR(256)";
            case BOUNDED_TEXT -> 4L * shape.length() > LONGEST_VARCHAR ? text : "VARCHAR(" + 4L * shape.length() + ")";
            case NUMERIC, TEXT, BYTES -> text;
            case JSON, DOCUMENT -> key || jsonAsText ? text : "JSON";
            case ARRAY ->
                key || shape.element() == null ? text : "ARRAY<" + type(shape.element(), false, jsonAsText) + ">";
        };
    }

    @Override
    public String createDatabase(TargetSettings settings) {
        return MergeTables.createDatabase(settings);
    }

    @Override
    public String typeOf(TargetColumn column, TargetSettings settings) {
        return type(column.shape(), column.key(), settings.jsonAsText());
    }

    private Function<TargetColumn, String> types(TargetSettings settings) {
        return column -> typeOf(column, settings);
    }

    @Override
    public List<String> create(TargetTable table, TargetSettings settings) {
        StringBuilder sql = MergeTables.create(table, settings, types(settings));
        sql.append("  `__lsn` BIGINT NULL COMMENT \"commit LSN\",\n")
                .append("  `__seq` BIGINT NULL COMMENT \"order within the transaction\",\n")
                .append("  `__ver` LARGEINT NULL COMMENT \"orders the versions of a row\"");
        if (settings.soft()) {
            sql.append(",\n  `__deleted` BOOLEAN NULL COMMENT \"whether the row is deleted\"");
        }
        String keys = SqlText.identifiers(table.keys());
        sql.append("\n)\nUNIQUE KEY (").append(keys).append(")\nCOMMENT ").append(string(table.comment()));
        sql.append("\nDISTRIBUTED BY HASH (").append(keys).append(") BUCKETS AUTO\nPROPERTIES ");
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("enable_unique_key_merge_on_write", "true");
        properties.put("function_column.sequence_col", "__ver");
        if (settings.replicas() > 0) {
            properties.put("replication_num", String.valueOf(settings.replicas()));
        }
        sql.append(SqlText.properties(properties));
        List<String> statements = new ArrayList<>(List.of(sql.toString()));
        if (settings.soft()) {
            statements.add(MergeTables.liveView(table, settings));
        }
        return statements;
    }

    @Override
    public List<String> load(TargetTable table, TargetSettings settings, LoadSettings load) {
        StringBuilder sql = new StringBuilder("CREATE ROUTINE LOAD " + qualified(settings.database(), loadName(table))
                + " ON " + identifier(table.name()) + "\n");
        sql.append(settings.soft() ? "WITH APPEND\n" : "WITH MERGE\n");
        sql.append("COLUMNS (").append(SqlText.identifiers(table.columns())).append(", `__lsn`, `__seq`, `__ver`");
        sql.append(settings.soft() ? ", `__deleted`),\n" : ", `__op`),\nDELETE ON `__op` = 1,\n");
        sql.append("ORDER BY `__ver`\n");
        sql.append("PROPERTIES ").append(SqlText.properties(jobProperties(settings, load)));
        sql.append(MergeTables.source(table, load));
        return List.of(sql.toString());
    }

    private static Map<String, String> jobProperties(TargetSettings settings, LoadSettings load) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("format", "json");
        if (settings.arrays()) {
            properties.put("strip_outer_array", "true");
        }
        properties.put("strict_mode", "true");
        properties.put("max_filter_ratio", "0");
        properties.put("max_error_number", "0");
        properties.put("max_batch_interval", "10");
        properties.put("max_batch_rows", "200000");
        properties.put("max_batch_size", "104857600");
        properties.put("desired_concurrent_number", String.valueOf(load.consumers()));
        properties.put("timezone", "UTC");
        return properties;
    }

    @Override
    public List<String> move(TargetTable table, TargetSettings settings, LoadSettings load) {
        return MergeTables.move(table, settings, load);
    }

    @Override
    public List<String> stop(TargetTable table, TargetSettings settings) {
        return MergeTables.stop(table, settings);
    }

    @Override
    public List<String> alter(TableChange change, TargetSettings settings) {
        return MergeTables.alter(change, settings, types(settings), " ");
    }

    @Override
    public List<String> warnings(TargetTable table, TargetSettings settings) {
        return MergeTables.warnings(table, settings, name());
    }

    @Override
    public List<String> neededFields(TargetSettings settings) {
        return settings.soft()
                ? List.of("__lsn", "__seq", "__ver", "__deleted")
                : List.of("__op", "__lsn", "__seq", "__ver");
    }

    /** Routine Load does not let a job have read_json_by_line. */
    @Override
    public boolean readsLines() {
        return false;
    }

    @Override
    public String loadName(TargetTable table) {
        return SqlText.jobName(table.name());
    }
}
