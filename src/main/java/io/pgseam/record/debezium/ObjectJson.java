package io.pgseam.record.debezium;

import io.debezium.config.CommonConnectorConfig.BinaryHandlingMode;
import io.pgseam.pg.TextRow;
import io.pgseam.record.json.JsonBuffer;
import io.pgseam.record.json.JsonBuffer.Escapes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as JSON objects, with the fields of a key or of a value. The usual types are written straight from PostgreSQL's text; of
 * others, and of rare values, Debezium's classes make a struct first.
 */
final class ObjectJson {

    private final TableForm form;
    private final JsonTexts texts;
    private final boolean isKey;
    private final Field[] fields;
    private final int[] columns;
    private final byte[][] names;
    private final @Nullable JsonValue[] values;
    private final byte[] @Nullable [] nulls;
    private final byte[] @Nullable [] unchanged;

    /** Whether a struct can be made of a row of which only some values are there. */
    private final boolean takesParts;

    /** @param isKey whether it writes keys, and not values */
    ObjectJson(TableForm form, boolean isKey, BinaryHandlingMode binary, JsonTexts texts) {
        this.form = form;
        this.texts = texts;
        this.isKey = isKey;
        Schema schema =
                Objects.requireNonNull(isKey ? form.keySchema() : form.schema().valueSchema());
        List<Field> all = schema.fields();
        fields = all.toArray(Field[]::new);
        columns = new int[fields.length];
        names = new byte[fields.length][];
        values = new JsonValue[fields.length];
        unchanged = new byte[fields.length][];
        for (int i = 0; i < fields.length; i++) {
            columns[i] = form.columnOf(fields[i].name());
            names[i] = name(fields[i].name());
            values[i] = form.jsonValue(columns[i], fields[i].schema(), binary);
        }
        nulls = new byte[fields.length][];
        Struct empty = emptyRow();
        takesParts = empty != null;
        for (int i = 0; i < fields.length; i++) {
            nulls[i] = nullOf(i, empty);
        }
    }

    private static byte[] name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        JsonBuffer name = new JsonBuffer(Escapes.JACKSON);
        name.append(',');
        name.appendString(utf8, 0, utf8.length);
        name.append(':');
        return name.toByteArray();
    }

    /** A row without values; null if a field can neither be NULL nor has something that stands for it. */
    private @Nullable Struct emptyRow() {
        try {
            return struct(form.noValues());
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** What a NULL is: {@code null}, the default, or what Debezium has for what is not known of a NOT NULL column. */
    private byte @Nullable [] nullOf(int field, @Nullable Struct empty) {
        Schema schema = fields[field].schema();
        if (empty == null && !schema.isOptional()) {
            return null;
        }
        try {
            return texts.of(schema, empty == null ? null : empty.get(fields[field]));
        } catch (RuntimeException e) {
            return null;
        }
    }

    private Struct struct(Object[] row) {
        return Objects.requireNonNull(isKey ? form.key(row) : form.row(row));
    }

    /** Bytes that each object takes besides its values. */
    int overhead() {
        int bytes = 2;
        for (byte[] name : names) {
            bytes += name.length;
        }
        return bytes;
    }

    /** Appends a row. */
    void append(JsonRow row, JsonBuffer out) {
        int start = out.size();
        Struct converted = null;
        for (int field = 0; field < fields.length; field++) {
            out.append(names[field]);
            int column = columns[field];
            TextRow holder = row.holderOf(column);
            int length = row.keyOnly() && !form.isKey(column) ? -1 : holder.length(column);
            JsonValue value = values[field];
            if (length >= 0 && value != null && value.append(holder.bytes(), holder.start(column), length, out)) {
                continue;
            }
            byte[] constant = length >= 0 ? null : constant(field, row, column);
            if (constant != null) {
                out.append(constant);
            } else if (value == null || !takesParts) {
                converted = converted == null ? converted(row) : converted;
                out.append(texts.of(fields[field].schema(), converted.get(fields[field])));
            } else {
                out.append(texts.of(fields[field].schema(), only(row, column).get(fields[field])));
            }
        }
        // Every field begins with a comma; the first of them becomes the brace.
        if (out.size() == start) {
            out.append('{');
        } else {
            out.replace(start, '{');
        }
        out.append('}');
    }

    /** What stands for a value that is not there; null if it depends on the row. */
    private byte @Nullable [] constant(int field, JsonRow row, int column) {
        boolean absent = row.keyOnly() && !form.isKey(column);
        if (absent || row.row().isNull(column)) {
            return nulls[field];
        }
        if (unchanged[field] == null && takesParts) {
            unchanged[field] =
                    texts.of(fields[field].schema(), only(row, column).get(fields[field]));
        }
        return unchanged[field];
    }

    /** The row with no more than the values that always go this way. */
    private Struct converted(JsonRow row) {
        if (!takesParts) {
            Object[] all = form.values(row.row(), row.older());
            return struct(row.keyOnly() ? form.keyOnly(all) : all);
        }
        Object[] some = form.noValues();
        for (int field = 0; field < fields.length; field++) {
            if (values[field] == null && (!row.keyOnly() || form.isKey(columns[field]))) {
                some[columns[field]] = form.value(row.row(), row.older(), columns[field]);
            }
        }
        return struct(some);
    }

    /** The row with one value. */
    private Struct only(JsonRow row, int column) {
        Object[] one = form.noValues();
        one[column] = form.value(row.row(), row.older(), column);
        return struct(one);
    }
}
