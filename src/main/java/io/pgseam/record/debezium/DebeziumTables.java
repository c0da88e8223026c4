package io.pgseam.record.debezium;

import io.debezium.config.CommonConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.relational.Column;
import io.debezium.relational.ColumnEditor;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.TableSchema;
import io.debezium.relational.TableSchemaBuilder;
import io.debezium.spi.topic.TopicNamingStrategy;
import io.pgseam.pg.session.Sessions;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.record.mask.ColumnMasks;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;
import org.postgresql.core.TypeInfo;

/**
 * Makes records in Debezium's envelope: each table gets the schemas that Debezium's own classes build for it.
 *
 * <p>A table's columns, their types and the key are those that it is given; defaults, and whether a column may be NULL, are read
 * from the source as Debezium reads them. A session is open while a table is looked at, and not while its rows are read.
 */
public final class DebeziumTables implements TableRecordsFactory {

    private static final int NO_MODIFIER = TypeRegistry.NO_TYPE_MODIFIER;

    private final DebeziumSettings settings;
    private final Function<io.pgseam.pg.TableId, String> topics;
    private final Clock clock;
    private final ColumnMasks masks;
    private final BiPredicate<io.pgseam.pg.TableId, String> columns;
    private final PostgresConnectorConfig config;
    private final CatalogSession catalog;
    private final TopicNamingStrategy<TableId> naming;
    private final JsonTexts texts = new JsonTexts();

    /**
     * @param sessions where the source is asked
     * @param topics the topic of a table
     * @param clock for when a record was made
     * @param masks which columns are masked: their values come masked, and their schemas say so
     * @param columns selects the columns of values; a key column that it does not select is in the key only
     */
    public DebeziumTables(
            DebeziumSettings settings,
            Sessions sessions,
            Function<io.pgseam.pg.TableId, String> topics,
            Clock clock,
            ColumnMasks masks,
            BiPredicate<io.pgseam.pg.TableId, String> columns) {
        this.masks = masks;
        this.columns = columns;
        this.settings = settings;
        this.topics = topics;
        this.clock = clock;
        this.config = settings.connectorConfig();
        this.catalog = new CatalogSession(sessions, config);
        this.naming = naming(config);
    }

    @SuppressWarnings("unchecked") // The setting's type is that of the connector's tables.
    private static TopicNamingStrategy<TableId> naming(PostgresConnectorConfig config) {
        return config.getTopicNamingStrategy(CommonConnectorConfig.TOPIC_NAMING_STRATEGY);
    }

    @Override
    public TableRecords recordsOf(io.pgseam.pg.TableId table, List<io.pgseam.pg.Column> columns) throws SQLException {
        SourceBlock source = new SourceBlock(config, id(table));
        Instant begun = clock.instant();
        if (!settings.json()) {
            return recordsOf(table, columns, form -> new StructEnvelopes(form, source, clock, begun));
        }
        SourceJson sourceJson = new SourceJson(source, begun, texts);
        return recordsOf(
                table,
                columns,
                form -> new JsonEnvelopes(form, config.binaryHandlingMode(), source, sourceJson, texts, clock));
    }

    private <R> TableRecords recordsOf(
            io.pgseam.pg.TableId table,
            List<io.pgseam.pg.Column> columnsOfTable,
            Function<TableForm, Envelopes<R>> envelopes)
            throws SQLException {
        return new DebeziumTableRecords<>(
                this, table, columnsOfTable, topics.apply(table), settings, config, envelopes);
    }

    static TableId id(io.pgseam.pg.TableId table) {
        return new TableId(null, table.schema(), table.name());
    }

    /**
     * Looks a table up.
     *
     * @param nullable names of columns that had a NULL, whatever the catalogue says of them now
     * @param stale OID of a type of which more has to be known than is known by now; 0 for none
     */
    TableForm look(io.pgseam.pg.TableId table, List<io.pgseam.pg.Column> columns, Set<String> nullable, int stale)
            throws SQLException {
        try {
            if (stale != 0) {
                catalog.getTypeRegistry().refresh(stale);
            }
            return form(table, columns, new HashSet<>(nullable));
        } catch (RuntimeException e) {
            throw sourceFailure(e);
        } finally {
            catalog.close();
        }
    }

    /** Debezium's classes wrap what the source says in one way or another. */
    private static RuntimeException sourceFailure(RuntimeException e) throws SQLException {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException failure) {
                throw failure;
            }
        }
        return e;
    }

    private TableForm form(io.pgseam.pg.TableId name, List<io.pgseam.pg.Column> columns, Set<String> nullable)
            throws SQLException {
        TableId id = id(name);
        MaskedFields masked = MaskedFields.of(name, columns, masks);
        Map<String, Column> present = new HashMap<>();
        for (Column column : catalog.getTableColumnsForDecoder(id, null)) {
            present.put(column.name(), column);
        }
        List<Column> described = new ArrayList<>();
        List<PostgresType> types = new ArrayList<>();
        for (io.pgseam.pg.Column column : columns) {
            PostgresType type = typeOf(column);
            types.add(type);
            described.add(masked.withoutDefault(
                    describe(column, type, present.get(column.name()), nullable.contains(column.name()))));
        }
        Table table = Table.editor()
                .tableId(id)
                .addColumns(described)
                .setPrimaryKeyNames(columns.stream()
                        .filter(io.pgseam.pg.Column::isKey)
                        .sorted(Comparator.comparingInt(io.pgseam.pg.Column::keyPosition))
                        .map(io.pgseam.pg.Column::name)
                        .toList())
                .create();
        TableSchema schema = new TableSchemaBuilder(
                        catalog.values(),
                        catalog.getDefaultValueConverter(),
                        config.schemaNameAdjuster(),
                        new CustomConverterRegistry(List.of()),
                        config.getSourceInfoStructMaker().schema(),
                        config.getFieldNamer(),
                        false,
                        config.getEventConvertingFailureHandlingMode())
                .create(
                        naming,
                        table,
                        (catalogName, schemaName, tableName, column) -> this.columns.test(name, column),
                        masked.mappers(),
                        null);
        List<String> fieldNames = table.columns().stream()
                .map(config.getFieldNamer()::fieldNameFor)
                .toList();
        rejectLostKeys(table, schema);
        return new TableForm(table, schema, fieldNames, types, catalog);
    }

    /** If the type is gone, Debezium would leave the column out, and the key with it: its values are sent as PostgreSQL's text. */
    private PostgresType typeOf(io.pgseam.pg.Column column) {
        TypeRegistry types = catalog.getTypeRegistry();
        PostgresType type = types.get((int) column.type().oid());
        return type.equals(PostgresType.UNKNOWN) ? types.get(Oid.TEXT) : type;
    }

    /** As the decoder of pgoutput describes a column of a Relation message. */
    private static Column describe(
            io.pgseam.pg.Column column, PostgresType type, @Nullable Column present, boolean hadNull) {
        boolean same =
                present != null && present.nativeType() == type.getRootType().getOid();
        int length = length(column.modifier(), type);
        int scale = scale(column.modifier(), type);
        String name = same && present != null ? present.typeName() : type.getName();
        boolean optional = hadNull || (present == null ? !column.notNull() : present.isOptional());
        ColumnEditor editor = Column.editor()
                .name(column.name())
                .jdbcType(type.getRootType().getJdbcId())
                .nativeType(type.getRootType().getOid())
                .optional(optional)
                .type(name, expression(name, type, length, scale))
                .length(length)
                .scale(scale);
        if (same && present != null && present.hasDefaultValue()) {
            editor.defaultValueExpression(present.defaultValueExpression().orElse(null));
        }
        return editor.create();
    }

    private static int length(int modifier, PostgresType type) {
        if (type.isVector()) {
            return modifier == NO_MODIFIER ? Column.UNSET_INT_VALUE : modifier;
        }
        TypeInfo info = type.getTypeInfo();
        return modifier == NO_MODIFIER || info == null
                ? type.getDefaultLength()
                : info.getPrecision(type.getOid(), modifier);
    }

    private static int scale(int modifier, PostgresType type) {
        if (type.isVector()) {
            return 0;
        }
        TypeInfo info = type.getTypeInfo();
        return modifier == NO_MODIFIER || info == null
                ? type.getDefaultScale()
                : info.getScale(type.getOid(), modifier);
    }

    private static String expression(String name, PostgresType type, int length, int scale) {
        if (type.isVector()) {
            return length == Column.UNSET_INT_VALUE ? name : name + "(" + length + ")";
        }
        return length == type.getDefaultLength() && scale == 0 ? name : name + "(" + length + "," + scale + ")";
    }

    /** Without such a column different rows would have one key. */
    private static void rejectLostKeys(Table table, TableSchema schema) {
        int fields =
                schema.keySchema() == null ? 0 : schema.keySchema().fields().size();
        if (fields < table.primaryKeyColumns().size()) {
            throw new ConnectException(
                    "Table " + table.id() + " has a key column of a type that Debezium's envelope leaves"
                            + " out; its key is " + table.primaryKeyColumnNames()
                            + ". Set include.unknown.datatypes=true, or message.key.columns for this table");
        }
    }
}
