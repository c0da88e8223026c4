package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.record.MessageHash;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row in the form in which a source and a target are compared, see {@link Canonical}: 128 bits that name it, 64 bits for its values, and
 * the values themselves. Reused for each row; not for several threads.
 */
final class ComparedRow {

    private static final long NAME_SEED = 0x7A461;
    private static final long SECOND_NAME_SEED = 0x7A462;
    private static final long VALUE_SEED = 0x7A463;
    private static final byte[] EMPTY_ARRAY = {'[', ']'};

    private final ComparedTable table;
    private final int[] places;
    private final FieldValue[] values;
    private final boolean[] names;
    private final int[] keys;
    private final FlatObject object = new FlatObject();

    private long name;
    private long secondName;
    private long valuesHash;
    private long lsn;
    private long sequence;
    private boolean deleted;

    ComparedRow(ComparedTable table) {
        this.table = table;
        values = new FieldValue[table.columns().size()];
        names = new boolean[values.length];
        keys = table.keys().stream().mapToInt(Integer::intValue).toArray();
        Arrays.setAll(values, unused -> new FieldValue());
        for (int i = 0; i < values.length; i++) {
            names[i] = !table.keyed() || table.keys().contains(i);
        }
        places = new int[table.source().columns().size()];
        for (int field = 0; field < places.length; field++) {
            String column = table.source().columns().get(field).name();
            places[field] = -1;
            for (int i = 0; i < values.length; i++) {
                if (table.columns().get(i).column().name().equals(column)) {
                    places[field] = i;
                }
            }
        }
    }

    /**
     * Takes a row of the source.
     *
     * @param json as the connector renders it: all columns, in the order of the captured table
     */
    void readSource(byte[] json) throws MalformedRowException {
        object.reset(json, 0, json.length);
        int field = 0;
        while (object.next()) {
            int place = field < places.length ? places[field++] : -1;
            if (place >= 0) {
                int start = object.valueStart();
                if (json[start] == '"') {
                    values[place].setString(json, start, object.valueEnd());
                } else if (json[start] == 'n') {
                    values[place].setNull();
                } else {
                    values[place].set(json, start, object.valueEnd());
                }
            }
        }
        digest();
    }

    /** Takes a row of the target, as {@link TargetQueries} asks for it. */
    void readTarget(TextRow row) {
        for (int i = 0; i < values.length; i++) {
            if (row.isNull(i)) {
                values[i].setNull();
            } else {
                values[i].set(row.bytes(), row.start(i), row.start(i) + row.length(i));
            }
        }
        int field = values.length;
        lsn = row.isNull(field) ? 0 : number(row, field);
        field++;
        // Copied rows have 0, and a row of an earlier version of the table's statements counts as one that was not
        // copied.
        sequence = table.sequenced() && !row.isNull(field) ? number(row, field) : 1;
        field += table.sequenced() ? 1 : 0;
        deleted = table.marked() && isTrue(row, field);
        digest();
    }

    /** Decimal digits; an LSN of 64 bits is a negative number then. */
    private static long number(TextRow row, int field) {
        long number = 0;
        int end = row.start(field) + row.length(field);
        for (int i = row.start(field); i < end; i++) {
            number = 10 * number + row.bytes()[i] - '0';
        }
        return number;
    }

    private static boolean isTrue(TextRow row, int field) {
        return !row.isNull(field) && (row.bytes()[row.start(field)] == '1' || row.bytes()[row.start(field)] == 't');
    }

    private void digest() {
        name = 0;
        secondName = 0;
        valuesHash = 0;
        for (int i = 0; i < values.length; i++) {
            FieldValue value = values[i];
            ColumnMatch match = table.columns().get(i);
            if (value.isNull() && match.nullIsEmpty()) {
                value.set(EMPTY_ARRAY, 0, EMPTY_ARRAY.length);
            }
            if (!value.isNull()) {
                match.form().apply(value);
                valuesHash += MessageHash.of(value.bytes(), value.from(), value.to(), VALUE_SEED + 16L * i);
                if (names[i]) {
                    name += MessageHash.of(value.bytes(), value.from(), value.to(), NAME_SEED + 16L * i);
                    secondName += MessageHash.of(value.bytes(), value.from(), value.to(), SECOND_NAME_SEED + 16L * i);
                }
            }
        }
    }

    long name() {
        return name;
    }

    long secondName() {
        return secondName;
    }

    long valuesHash() {
        return valuesHash;
    }

    /** Whether the target says that the row is gone. */
    boolean deleted() {
        return deleted;
    }

    /** Whether the target's row is of a transaction that a snapshot of this LSN shows. */
    boolean isShownAt(Lsn snapshot) {
        Lsn version = new Lsn(lsn);
        return version.isBefore(snapshot) || (sequence == 0 && version.equals(snapshot));
    }

    /** The values of the columns that name the row; null for NULL. */
    RowKey key() {
        List<byte @Nullable []> parts = new ArrayList<>();
        for (int place : keys) {
            parts.add(copy(values[place]));
        }
        return new RowKey(parts);
    }

    /** Writes the same as {@link RowKey#write} does. */
    void writeKey(DataOutputStream stream) throws IOException {
        for (int place : keys) {
            FieldValue value = values[place];
            stream.writeInt(value.isNull() ? RowKey.NULL : value.length());
            if (!value.isNull()) {
                stream.write(value.bytes(), value.from(), value.length());
            }
        }
    }

    /** All values in their form; null for NULL. */
    List<byte @Nullable []> values() {
        List<byte @Nullable []> copies = new ArrayList<>(values.length);
        for (FieldValue value : values) {
            copies.add(copy(value));
        }
        return copies;
    }

    private static byte @Nullable [] copy(FieldValue value) {
        return value.isNull() ? null : Arrays.copyOfRange(value.bytes(), value.from(), value.to());
    }

    /** The key as JSON, for people. */
    static String json(ComparedTable table, RowKey key) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < table.keys().size(); i++) {
            ColumnMatch match = table.columns().get(table.keys().get(i));
            byte[] part = key.parts().get(i);
            String column = match.column().name();
            if (part == null) {
                node.putNull(column);
                continue;
            }
            String text = new String(part, StandardCharsets.UTF_8);
            switch (match.column().shape().kind()) {
                case INT2, INT4, INT8, UINT4 -> node.put(column, new java.math.BigInteger(text));
                default -> node.put(column, text);
            }
        }
        return node.toString();
    }
}
