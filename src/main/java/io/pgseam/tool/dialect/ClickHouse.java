package io.pgseam.tool.dialect;

import io.pgseam.tool.dialect.Shape.Kind;
import io.pgseam.tool.target.DatabaseKind;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** ReplacingMergeTree tables of ClickHouse, filled from Kafka engine tables by materialized views. */
public final class ClickHouse implements Dialect {

    private static final int MOST_DIGITS = 76;
    private static final String INSTANT = "DateTime64(6, 'UTC')";

    @Override
    public DatabaseKind kind() {
        return DatabaseKind.CLICKHOUSE;
    }

    /**
     * The type of a column.
     *
     * @param key whether it is part of the sorting key, which is never NULL
     */
    public String type(Shape shape, boolean key) {
        if (shape.kind() == Kind.ARRAY && shape.element() != null) {
            return key ? "String" : "Array(" + type(shape.element(), false) + ")";
        }
        if (shape.kind() == Kind.ENUM) {
            return key ? "LowCardinality(String)" : "LowCardinality(Nullable(String))";
        }
        return key ? scalar(shape) : "Nullable(" + scalar(shape) + ")";
    }

    private static String scalar(Shape shape) {
        return switch (shape.kind()) {
            case BOOLEAN -> "Bool";
            case INT2 -> "Int16";
            case INT4 -> "Int32";
            case INT8 -> "Int64";
            case UINT4 -> "UInt32";
            case FLOAT4 -> "Float32";
            case FLOAT8 -> "Float64";
            case DECIMAL ->
                shape.length() > MOST_DIGITS ? "String" : "Decimal(" + shape.length() + ", " + shape.scale() + ")";
            // Date32 ends in 2299, and takes later dates for other ones silently.
            case DATE, TIMESTAMP -> INSTANT;
            case UUID -> "UUID";
            default -> "String";
        };
    }

    @Override
    public String createDatabase(TargetSettings settings) {
        return "CREATE DATABASE IF NOT EXISTS " + identifier(settings.database());
    }

    @Override
    public List<String> create(TargetTable table, TargetSettings settings) {
        StringBuilder sql =
                new StringBuilder("CREATE TABLE IF NOT EXISTS " + qualified(settings, table.name()) + " (\n");
        for (TargetColumn column : table.columns()) {
            sql.append("  ").append(definition(column)).append(",\n");
        }
        sql.append("  `__lsn` UInt64 COMMENT 'commit LSN',\n")
                .append("  `__seq` UInt32 COMMENT 'order within the transaction',\n")
                .append("  `__ver` UInt128 COMMENT 'orders the versions of a row',\n")
                .append("  `__deleted` UInt8 COMMENT 'whether the row is deleted'\n)\n");
        sql.append(
                settings.soft()
                        ? "ENGINE = ReplacingMergeTree(`__ver`)"
                        : "ENGINE = ReplacingMergeTree(`__ver`, `__deleted`)");
        sql.append("\nORDER BY (")
                .append(identifiers(table.keys()))
                .append(")\nCOMMENT ")
                .append(string(table.comment()));
        return List.of(sql.toString(), liveView("CREATE VIEW IF NOT EXISTS ", table, settings));
    }

    private static String liveView(String create, TargetTable table, TargetSettings settings) {
        return create + qualified(settings, table.name() + "_live") + " AS\nSELECT " + identifiers(table.columns())
                + "\nFROM " + qualified(settings, table.name()) + " FINAL\nWHERE `__deleted` = 0";
    }

    @Override
    public String typeOf(TargetColumn column, TargetSettings settings) {
        return type(column.shape(), column.key());
    }

    @Override
    public List<String> stop(TargetTable table, TargetSettings settings) {
        // The queue first: it writes what it has read, commits, and its consumers leave the group.
        return List.of(
                "DROP TABLE IF EXISTS " + queue(table, settings) + " SYNC",
                "DROP VIEW IF EXISTS " + loadView(table, settings));
    }

    @Override
    public List<String> alter(TableChange change, TargetSettings settings) {
        List<String> clauses = new ArrayList<>();
        new TreeMap<>(change.renamed())
                .forEach((from, to) -> clauses.add("RENAME COLUMN " + identifier(from) + " TO " + identifier(to)));
        change.added().forEach(column -> clauses.add("ADD COLUMN " + definition(column)));
        change.retyped().forEach(column -> clauses.add("MODIFY COLUMN " + definition(column)));
        change.dropped().forEach(column -> clauses.add("DROP COLUMN " + identifier(column)));
        List<String> statements = new ArrayList<>();
        clauses.forEach(clause -> statements.add(
                "ALTER TABLE " + qualified(settings, change.table().name()) + " " + clause));
        statements.add(liveView("CREATE OR REPLACE VIEW ", change.table(), settings));
        return statements;
    }

    private String definition(TargetColumn column) {
        return identifier(column.name()) + " " + type(column.shape(), column.key()) + " COMMENT "
                + string(column.comment());
    }

    private static String loadView(TargetTable table, TargetSettings settings) {
        return qualified(settings, table.name() + "_load");
    }

    @Override
    public List<String> load(TargetTable table, TargetSettings settings, LoadSettings load) {
        String queue = queue(table, settings);
        StringBuilder sql = new StringBuilder("CREATE TABLE IF NOT EXISTS " + queue + " (\n");
        for (TargetColumn column : table.columns()) {
            sql.append("  ")
                    .append(identifier(column.name()))
                    .append(' ')
                    .append(type(column.shape(), column.key()))
                    .append(",\n");
        }
        sql.append("  `__op` UInt8,\n  `__lsn` UInt64,\n  `__seq` UInt32\n)\nENGINE = Kafka\nSETTINGS\n");
        sql.append("  kafka_broker_list = ").append(string(load.brokers()));
        sql.append(",\n  kafka_topic_list = ").append(string(table.topic()));
        sql.append(",\n  kafka_group_name = ").append(string(load.group()));
        sql.append(",\n  kafka_format = 'JSONEachRow',\n  kafka_num_consumers = ")
                .append(load.consumers());
        String view = "CREATE MATERIALIZED VIEW IF NOT EXISTS " + loadView(table, settings) + " TO "
                + qualified(settings, table.name()) + " AS\nSELECT " + identifiers(table.columns())
                + ", `__lsn`, `__seq`,\n  toUInt128(`__lsn`) * 4294967296 + `__seq` AS `__ver`, `__op` AS `__deleted`\nFROM "
                + queue;
        return List.of(sql.toString(), view);
    }

    @Override
    public List<String> move(TargetTable table, TargetSettings settings, LoadSettings load) {
        throw new UnsupportedOperationException("ClickHouse takes offsets from the consumer group");
    }

    @Override
    public List<String> warnings(TargetTable table, TargetSettings settings) {
        List<String> warnings = new ArrayList<>();
        for (TargetColumn column : table.columns()) {
            switch (column.shape().kind()) {
                case ARRAY -> {
                    warnings.add(MergeTables.of(table, "column " + column.name() + " is an array: NULL becomes []"));
                    warnings.add(MergeTables.of(
                            table,
                            "column " + column.name()
                                    + " is an array of one dimension here. PostgreSQL also lets it have"
                                    + " more: such a message cannot be read, and stops its partition"));
                }
                case FLOAT4, FLOAT8 -> {
                    if (column.key()) {
                        warnings.add(MergeTables.of(table, "key column " + column.name() + " is a float"));
                    }
                }
                default -> {
                    // Held as it is.
                }
            }
        }
        return warnings;
    }

    @Override
    public List<String> neededFields(TargetSettings settings) {
        return List.of("__op", "__lsn", "__seq");
    }

    @Override
    public String loadName(TargetTable table) {
        return table.name();
    }

    /** The table that reads a table's topic, quoted, with its database. */
    public static String queue(TargetTable table, TargetSettings settings) {
        return qualified(settings, queueName(table));
    }

    /** The name of the table that reads a table's topic. */
    public static String queueName(TargetTable table) {
        return table.name() + "_queue";
    }

    private static String qualified(TargetSettings settings, String name) {
        return identifier(settings.database()) + "." + identifier(name);
    }

    /** A backslash escapes here, in identifiers, too. */
    private static String identifier(String name) {
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }

    /** A text as a literal. */
    public static String string(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static String identifiers(List<TargetColumn> columns) {
        return columns.stream().map(column -> identifier(column.name())).collect(Collectors.joining(", "));
    }
}
