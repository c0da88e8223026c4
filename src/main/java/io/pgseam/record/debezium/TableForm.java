package io.pgseam.record.debezium;

import io.debezium.DebeziumException;
import io.debezium.config.CommonConnectorConfig.BinaryHandlingMode;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.connector.postgresql.connection.pgoutput.PgOutputReplicationMessage;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableSchema;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.TypeOids;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;

/**
 * A table with one set of columns, as Debezium sees it: its schemas, and how a row becomes the values that they hold.
 *
 * <p>What PostgreSQL's text means is decided by the code that Debezium reads pgoutput with; what becomes of it in a record, by
 * its value converter. Copied rows go the same way (invariant I6).
 */
final class TableForm {

    /** About what a record takes besides its values: three structs, the source block, boxes and array headers. */
    private static final int RECORD_MEMORY = 1_500;

    private static final int FIELD_MEMORY = 48;

    private final Table table;
    private final TableSchema schema;
    private final TypeRegistry registry;
    private final @Nullable BaseConnection decoder;
    private final String[] names;
    private final String[] expressions;
    private final PostgresType[] types;
    private final Object[] unchanged;
    private final boolean[] written;
    private final boolean[] required;
    private final Map<String, Integer> columnsOfFields = new HashMap<>();
    private final int[] key;
    private final boolean[] isKey;

    /**
     * @param fieldNames of each column the name that its field has
     * @param types of each column its type
     * @param catalog an open session: what has to be learnt of the types is learnt now, and no session is needed later
     * @throws SQLException where the source does not answer
     */
    TableForm(
            Table table, TableSchema schema, List<String> fieldNames, List<PostgresType> types, CatalogSession catalog)
            throws SQLException {
        this.table = table;
        this.schema = schema;
        this.registry = catalog.getTypeRegistry();
        this.decoder = types.stream().anyMatch(type -> type.getRootType().isArrayType()) ? catalog.decoder() : null;
        List<Column> columns = table.columns();
        this.types = types.toArray(PostgresType[]::new);
        names = columns.stream().map(Column::name).toArray(String[]::new);
        expressions = columns.stream().map(Column::typeExpression).toArray(String[]::new);
        unchanged = new Object[names.length];
        written = new boolean[names.length];
        for (int field = 0; field < names.length; field++) {
            unchanged[field] = new UnchangedToastedReplicationMessageColumn(
                            names[field], this.types[field], expressions[field], true)
                    .getValue(null, false);
            written[field] = schema.valueSchema().field(fieldNames.get(field)) != null;
        }
        key = table.primaryKeyColumns().stream()
                .mapToInt(column -> column.position() - 1)
                .toArray();
        isKey = new boolean[names.length];
        for (int field : key) {
            // Column lists may leave a key column out of the value.
            written[field] = true;
            isKey[field] = true;
        }
        required = new boolean[names.length];
        for (int field = 0; field < names.length; field++) {
            required[field] = written[field] && !columns.get(field).isOptional();
            columnsOfFields.put(fieldNames.get(field), field);
        }
        learnArrays();
    }

    /** Has the driver learn what it needs to decode the table's arrays, while it may ask. */
    private void learnArrays() {
        for (int field = 0; field < names.length; field++) {
            if (written[field] && types[field].getRootType().isArrayType()) {
                Object[] values = new Object[names.length];
                values[field] = value(field, isVector(types[field].getRootType().getOid()) ? "" : "{}");
                schema.valueFromColumnData(values);
            }
        }
    }

    TableSchema schema() {
        return schema;
    }

    Table table() {
        return table;
    }

    @Nullable
    Schema keySchema() {
        return schema.keySchema();
    }

    /** The key of a row; null where the table has none. */
    @Nullable
    Struct key(Object[] values) {
        return schema.keyFromColumnData(values);
    }

    /** Whether two rows have the same text in each column of the key; what the new one leaves unchanged is the same. */
    boolean sameKey(TextRow older, TextRow newer) {
        for (int field : key) {
            if (!newer.isUnchanged(field) && !sameText(older, newer, field)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameText(TextRow one, TextRow other, int field) {
        int length = one.length(field);
        int start = one.start(field);
        int otherStart = other.start(field);
        return length == other.length(field)
                && (length <= 0
                        || Arrays.equals(
                                one.bytes(), start, start + length, other.bytes(), otherStart, otherStart + length));
    }

    /** The columns of a row. */
    Struct row(Object[] values) {
        try {
            return schema.valueFromColumnData(values);
        } catch (DebeziumException e) {
            // The message names table, column and type; the cause may quote the value.
            throw new ConnectException(e.getMessage()
                    + ". Leave the column out by column.exclude.list, or have its field left out of such a row by"
                    + " event.converting.failure.handling.mode=warn");
        }
    }

    /** Whether the row has every column of the key: an old row need not. */
    boolean hasKey(TextRow row) {
        for (int field : key) {
            if (row.length(field) < 0) {
                return false;
            }
        }
        return key.length > 0;
    }

    /** The place of a column that has no value although its schema asks for one; -1 where there is none. */
    int missingValue(TextRow row) {
        for (int field = 0; field < names.length; field++) {
            if (required[field] && row.isNull(field)) {
                return field;
            }
        }
        return -1;
    }

    /** The type of an enum's column whose value the schema does not know; null where there is none. */
    @Nullable
    PostgresType unknownEnum(TextRow row) {
        for (int field = 0; field < names.length; field++) {
            if (types[field].isEnumType()
                    && row.length(field) >= 0
                    && !types[field].getEnumValues().contains(row.text(field))) {
                return types[field];
            }
        }
        return null;
    }

    /**
     * The values of a row, as Debezium's converters take them.
     *
     * @param older where unchanged TOASTed values are taken from; null for nowhere
     */
    Object[] values(TextRow row, @Nullable TextRow older) {
        check(row);
        @Nullable Object[] values = noValues();
        for (int field = 0; field < names.length; field++) {
            values[field] = value(row, older, field);
        }
        return values;
    }

    /** The values of a row of which no more is known than its key. */
    Object[] keyValues(TextRow row, @Nullable TextRow older) {
        check(row);
        @Nullable Object[] values = noValues();
        for (int field : key) {
            values[field] = value(row, older, field);
        }
        return values;
    }

    /** The value of one column; null if it is NULL, or in no field. */
    @Nullable
    Object value(TextRow row, @Nullable TextRow older, int field) {
        if (!written[field] || row.isNull(field)) {
            return null;
        }
        if (!row.isUnchanged(field)) {
            return value(field, row.text(field));
        }
        return older != null && older.length(field) >= 0 ? value(field, older.text(field)) : unchanged[field];
    }

    /** A row of NULL. */
    @Nullable
    Object[] noValues() {
        return new Object[names.length];
    }

    /** Ensures that a row has a field for each column. */
    void check(TextRow row) {
        if (row.size() != names.length) {
            throw new IllegalArgumentException(
                    "a row of " + row.size() + " fields for the " + names.length + " columns of table " + table.id());
        }
    }

    /** Whether a column is part of the key. */
    boolean isKey(int column) {
        return isKey[column];
    }

    /** The column that a field of the key or of the value has. */
    int columnOf(String field) {
        return Objects.requireNonNull(columnsOfFields.get(field));
    }

    /** How the text of a column is written as JSON; null if Debezium's classes have to make a value of it. */
    @Nullable
    JsonValue jsonValue(int column, Schema field, BinaryHandlingMode binary) {
        return JsonValues.of(
                types[column].getRootType().getOid(),
                types[column].isEnumType(),
                table.columns().get(column),
                field,
                binary);
    }

    /** Of the values of a row, those of the key, as in a row of which no more is known. */
    Object[] keyOnly(Object[] values) {
        Object[] keys = new Object[names.length];
        for (int field : key) {
            keys[field] = values[field];
        }
        return keys;
    }

    /** Types that Debezium takes for arrays, and whose text is another: numbers with spaces between them. */
    private static boolean isVector(int oid) {
        return oid == TypeOids.INT2VECTOR || oid == TypeOids.OIDVECTOR;
    }

    private @Nullable Object value(int field, String sent) {
        String text = isVector(types[field].getRootType().getOid()) ? "{" + sent.replace(' ', ',') + "}" : sent;
        try {
            if (types[field].getRootType().getOid() == Oid.TIMETZ_ARRAY) {
                // Debezium reads these through a result set, which a closed session does not give; it takes lists, too.
                return Arrays.asList((Object[]) new PgArray(decoder(), Oid.TEXT_ARRAY, text).getArray());
            }
            return PgOutputReplicationMessage.getValue(
                    names[field],
                    types[field],
                    expressions[field],
                    text,
                    this::decoder,
                    true, // What is not to be included has no field; what has one (such as name) is not to be lost.
                    registry);
        } catch (RuntimeException | SQLException e) {
            // Neither the message nor the cause may quote the value.
            throw new ConnectException(
                    "A value of column " + names[field] + " of table " + table.id() + " has no form in"
                            + " Debezium's envelope: its type " + expressions[field] + " cannot hold it ("
                            + e.getClass().getSimpleName()
                            + "). Leave the column out by column.exclude.list, or use output.format=flat");
        }
    }

    private BaseConnection decoder() {
        if (decoder == null) {
            throw new IllegalStateException("table " + table.id() + " has no array");
        }
        return decoder;
    }

    /** About how many bytes the record of a row of this many bytes of text takes. */
    long memoryOf(int textBytes) {
        return RECORD_MEMORY + (long) FIELD_MEMORY * names.length + 2L * textBytes;
    }
}
