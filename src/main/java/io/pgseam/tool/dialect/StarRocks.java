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

/** Primary key tables and Routine Load of StarRocks. */
public final class StarRocks implements Dialect {

    /** What statements are for, unless another version is named. */
    public static final String USUAL_VERSION = "3.5";

    private static final int LONGEST_VARCHAR = 1_048_576;
    private static final int MOST_DIGITS = 38;
    private static final int MOST_DIGITS_SINCE_4 = 76;

    /** {@code primary_key_limit_size} of the backends. */
    private static final int MOST_KEY_BYTES = 128;

    private static final ServerVersion DECIMAL_256 = new ServerVersion(4, 0, 0);

    private final ServerVersion version;

    /**
     * Statements for one version.
     *
     * @param version of the server: what it accepts depends on it
     */
    public StarRocks(ServerVersion version) {
        this.version = version;
    }

    @Override
    public DatabaseKind kind() {
        return DatabaseKind.STARROCKS;
    }

    /**
     * The type of a column.
     *
     * @param key whether it is part of the primary key, for which StarRocks takes fewer types
     * @param jsonAsText whether JSON becomes text
     */
    public String type(Shape shape, boolean key, boolean jsonAsText) {
        return switch (shape.kind()) {
            case BOOLEAN -> "BOOLEAN";
            case INT2 -> "SMALLINT";
            case INT4 -> "INT";
            case INT8, UINT4 -> "BIGINT";
            case FLOAT4 -> key ? "VARCHAR(32)" : "FLOAT";
            case FLOAT8 -> key ? "VARCHAR(32)" : "DOUBLE";
            case DECIMAL -> decimal(shape, key);
            case NUMERIC -> varchar(key ? MOST_KEY_BYTES : LONGEST_VARCHAR);
            case DATE -> "DATE";
            case TIMESTAMP -> "DATETIME";
            case TIME -> "VARCHAR(32)";
            case UUID -> "VARCHAR(36)";
            case INET -> "VARCHAR(43)";
            case MACADDR -> "VARCHAR(17)";
            case MACADDR8 -> "VARCHAR(23)";
            case ENUM -> "VARCHAR(256)";
            case BOUNDED_TEXT -> varchar(Math.min(4L * shape.length(), LONGEST_VARCHAR));
            case TEXT, BYTES -> varchar(LONGEST_VARCHAR);
            case JSON, DOCUMENT -> key || jsonAsText ? varchar(LONGEST_VARCHAR) : "JSON";
            case ARRAY ->
                key || shape.element() == null
                        ? varchar(LONGEST_VARCHAR)
                        : "ARRAY<" + type(shape.element(), false, jsonAsText) + ">";
        };
    }

    private String decimal(Shape shape, boolean key) {
        int most = version.isBefore(DECIMAL_256) ? MOST_DIGITS : MOST_DIGITS_SINCE_4;
        if (key || shape.length() > most) {
            // Sign, point, and a zero before the point.
            return varchar(shape.length() + 3L);
        }
        return "DECIMAL(" + shape.length() + "," + shape.scale() + ")";
    }

    private static String varchar(long bytes) {
        return "VARCHAR(" + bytes + ")";
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
        sql.append(String.join(",\n", metadata(settings))).append("\n)\nPRIMARY KEY (");
        sql.append(SqlText.identifiers(table.keys())).append(")\nCOMMENT ").append(string(table.comment()));
        sql.append("\nDISTRIBUTED BY HASH (")
                .append(SqlText.identifiers(table.keys()))
                .append(")");
        if (settings.replicas() > 0) {
            sql.append("\nPROPERTIES ")
                    .append(SqlText.properties(Map.of("replication_num", String.valueOf(settings.replicas()))));
        }
        List<String> statements = new ArrayList<>(List.of(sql.toString()));
        if (settings.soft()) {
            statements.add(MergeTables.liveView(table, settings));
        }
        return statements;
    }

    private static List<String> metadata(TargetSettings settings) {
        List<String> lines = new ArrayList<>();
        lines.add("  `__lsn` BIGINT NULL COMMENT \"commit LSN\"");
        lines.add("  `__seq` BIGINT NULL COMMENT \"order within the transaction\"");
        if (settings.soft()) {
            lines.add("  `__ver` LARGEINT NOT NULL COMMENT \"orders the versions of a row\"");
            lines.add("  `__deleted` BOOLEAN NOT NULL COMMENT \"whether the row is deleted\"");
        }
        return lines;
    }

    @Override
    public List<String> load(TargetTable table, TargetSettings settings, LoadSettings load) {
        StringBuilder sql = new StringBuilder("CREATE ROUTINE LOAD " + qualified(settings.database(), loadName(table))
                + " ON " + identifier(table.name()) + "\n");
        if (settings.soft()) {
            sql.append("COLUMNS (")
                    .append(SqlText.identifiers(table.columns()))
                    .append(", `__lsn`, `__seq`, `__ver`, `__deleted`, `__op` = 0)\n");
        }
        sql.append("PROPERTIES ").append(SqlText.properties(jobProperties(settings, load)));
        sql.append(MergeTables.source(table, load));
        return List.of(sql.toString());
    }

    private Map<String, String> jobProperties(TargetSettings settings, LoadSettings load) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("format", "json");
        if (settings.arrays()) {
            properties.put("strip_outer_array", "true");
        }
        properties.put("strict_mode", "true");
        properties.put("max_filter_ratio", "0");
        properties.put("max_error_number", "0");
        if (version.knowsPauseOnFatalParseError()) {
            properties.put("pause_on_fatal_parse_error", "true");
        }
        properties.put("log_rejected_record_num", "100");
        if (settings.soft()) {
            properties.put("merge_condition", "__ver");
        }
        properties.put("max_batch_interval", "10");
        properties.put("max_batch_rows", "200000");
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
        return MergeTables.alter(change, settings, types(settings), " TO ");
    }

    @Override
    public List<String> warnings(TargetTable table, TargetSettings settings) {
        List<String> warnings = MergeTables.warnings(table, settings, name());
        long keyBytes = table.keys().stream()
                .mapToLong(column -> keyBytes(type(column.shape(), true, settings.jsonAsText())))
                .sum();
        if (keyBytes > MOST_KEY_BYTES) {
            warnings.add(MergeTables.of(
                    table,
                    "the key may have more than " + MOST_KEY_BYTES + " bytes, which StarRocks refuses unless"
                            + " primary_key_limit_size of the backends is raised"));
        }
        for (TargetColumn column : table.columns()) {
            String type = type(column.shape(), column.key(), settings.jsonAsText());
            if (type.equals("JSON")) {
                warnings.add(MergeTables.of(
                        table,
                        "column " + column.name()
                                + " is JSON: fractions and integers of more than 64 bits become doubles."
                                + " --json-as text keeps every digit"));
            }
        }
        if (version.forgetsTheErrorRatio()) {
            warnings.add(MergeTables.of(
                    table,
                    "StarRocks " + version
                            + " forgets max_filter_ratio when the frontend restarts, and then drops rows that do"
                            + " not fit: upgrade to 3.4.7, 3.5.4 or later"));
        }
        return warnings;
    }

    private static long keyBytes(String type) {
        return switch (type) {
            case "BOOLEAN" -> 1;
            case "SMALLINT" -> 2;
            case "INT", "DATE" -> 4;
            case "BIGINT", "DATETIME" -> 8;
            default -> Long.parseLong(type.substring("VARCHAR(".length(), type.length() - 1));
        };
    }

    @Override
    public List<String> neededFields(TargetSettings settings) {
        return settings.soft() ? List.of("__lsn", "__seq", "__ver", "__deleted") : List.of("__op", "__lsn", "__seq");
    }

    @Override
    public String loadName(TargetTable table) {
        return SqlText.jobName(table.name());
    }
}
