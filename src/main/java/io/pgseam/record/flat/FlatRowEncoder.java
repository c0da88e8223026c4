package io.pgseam.record.flat;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.AlteredTypeException;
import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Renders the rows of one table in the flat format: a JSON object in UTF-8 for the key, another for the value.
 *
 * <p>Rows of COPY and tuples of pgoutput both come as {@link TextRow}, so that equal values give equal bytes, and the same
 * key the same key bytes (invariants I6 and I7). The only memory that a row takes is that of the results. Column names and
 * renderers are chosen once: a table whose columns change needs a new encoder. One thread at a time.
 *
 * <p>All methods throw {@link FlatEncodingException} for a value that PostgreSQL cannot have written with the settings of our
 * sessions, or that the target cannot hold where the policy is to fail; {@link AlteredTypeException} for a composite value of
 * a form that is not known; {@link IllegalStateException} for an unchanged
 * TOASTed value that has no placeholder, or that is part of the key; and {@link IllegalArgumentException} for a row with
 * another number of fields than the table has columns.
 */
public final class FlatRowEncoder {

    private final TableId table;
    private final List<Column> columns;
    private final byte[][] names;
    private final ValueRenderer[] valueRenderers;
    private final ValueRenderer[] keyRenderers;
    private final int[] allFields;
    private final int[] keyFields;
    private final int[] identityFields;
    private final MetadataWriter metadata;
    private final byte @Nullable [] placeholder;
    private final byte[] keyPrefix;
    private final JsonBuffer out = new JsonBuffer();

    /**
     * @param table the table, as {@code __table} and messages name it
     * @param columns its columns, in the order of the rows' fields
     * @param settings which metadata fields there are, and the policies
     * @param unrepresentable counts the values that the target cannot hold
     * @throws ConnectException where a column has the name of a metadata field that is written
     */
    public FlatRowEncoder(
            TableId table, List<Column> columns, FlatSettings settings, UnrepresentableValues unrepresentable) {
        rejectReservedNames(table, columns, settings);
        this.table = table;
        this.columns = List.copyOf(columns);
        names = columns.stream().map(FlatRowEncoder::nameBytes).toArray(byte[][]::new);
        valueRenderers = columns.stream()
                .map(column -> valueRenderer(table, column, settings, unrepresentable))
                .toArray(ValueRenderer[]::new);
        keyRenderers = columns.stream()
                .map(column -> ValueRenderer.of(column.type(), new FallbackRenderer(policy(column, settings), null)))
                .toArray(ValueRenderer[]::new);
        allFields = IntStream.range(0, columns.size()).toArray();
        keyFields = IntStream.range(0, columns.size())
                .filter(field -> columns.get(field).isKey())
                .boxed()
                .sorted(Comparator.comparingInt(field -> columns.get(field).keyPosition()))
                .mapToInt(Integer::intValue)
                .toArray();
        identityFields = IntStream.concat(
                        Arrays.stream(keyFields),
                        IntStream.range(0, columns.size())
                                .filter(field -> columns.get(field).inRowKey()
                                        && !columns.get(field).isKey()))
                .toArray();
        metadata = new MetadataWriter(table, settings.metadata());
        placeholder = settings.unchangedPlaceholder() == null ? null : jsonString(settings.unchangedPlaceholder());
        keyPrefix = settings.keyTable() ? keyPrefix(table) : new byte[0];
    }

    /** Whether rows have a record key. */
    boolean hasKey() {
        return keyFields.length > 0;
    }

    /** The JSON object of the key columns in key order, after {@code __table} on request; null where the table has no key. */
    public byte @Nullable [] key(TextRow row) {
        if (!hasKey()) {
            return null;
        }
        key(row, out);
        return taken();
    }

    /** Writes the same in place of what the buffer holds: nothing where the table has no key. */
    void key(TextRow row, JsonBuffer to) {
        to.clear();
        if (hasKey()) {
            check(row);
            to.append(keyPrefix);
            writeFields(row, keyFields, keyRenderers, to);
            end(to, 0);
        }
    }

    /**
     * What tells a row from others and from what it was before: the record key, and the row key where that is another one.
     * Null where the table has neither.
     */
    public byte @Nullable [] identity(TextRow row) {
        if (identityFields.length == 0) {
            return null;
        }
        check(row);
        out.clear();
        writeFields(row, identityFields, keyRenderers, out);
        end(out, 0);
        return taken();
    }

    /** Whether {@link #identity} says more than {@link #key}. */
    public boolean keyIsIdentity() {
        return identityFields.length == keyFields.length;
    }

    /** Changes that are encoded from here on are of this transaction. */
    void inTransaction(long transactionId) {
        metadata.inTransaction(transactionId);
    }

    /**
     * The value of a row that was copied, inserted or updated: all columns, then the metadata fields.
     *
     * @param lsn the commit LSN of the change, or the anchor's; unsigned
     * @param seq the order within the transaction, from 1; 0 on a snapshot row
     * @param snapshot whether the row was copied
     * @param commitTimeMs the commit time in ms since 1970
     */
    public byte[] upsert(TextRow row, long lsn, long seq, boolean snapshot, long commitTimeMs) {
        out.clear();
        upsert(row, lsn, seq, snapshot, commitTimeMs, out);
        return taken();
    }

    /** Writes the same after what the buffer holds. */
    void upsert(TextRow row, long lsn, long seq, boolean snapshot, long commitTimeMs, JsonBuffer to) {
        check(row);
        int start = to.size();
        writeFields(row, allFields, valueRenderers, to);
        metadata.write(false, lsn, seq, snapshot, commitTimeMs, to);
        end(to, start);
    }

    /**
     * The value that says that a row is gone: columns of the old row, then the metadata fields.
     *
     * @param row the old row; of its fields only the keys have to be there unless {@code wholeRow}
     * @param wholeRow whether the row has all its values (REPLICA IDENTITY FULL), and they are written; else only the record
     *     key, and the row key where that is another one
     * @param lsn the commit LSN of the change; unsigned
     * @param seq the order within the transaction, from 1
     * @param commitTimeMs the commit time in ms since 1970
     * @throws IllegalStateException where there is neither a key nor a whole row
     */
    public byte[] delete(TextRow row, boolean wholeRow, long lsn, long seq, long commitTimeMs) {
        out.clear();
        delete(row, wholeRow, lsn, seq, commitTimeMs, out);
        return taken();
    }

    /** Writes the same after what the buffer holds. */
    void delete(TextRow row, boolean wholeRow, long lsn, long seq, long commitTimeMs, JsonBuffer to) {
        if (!wholeRow && identityFields.length == 0) {
            throw new IllegalStateException("table " + table
                    + " has no key, and the deleted row is not whole: give it a primary key or REPLICA IDENTITY FULL");
        }
        check(row);
        int start = to.size();
        writeFields(row, wholeRow ? allFields : identityFields, valueRenderers, to);
        metadata.write(true, lsn, seq, false, commitTimeMs, to);
        end(to, start);
    }

    private void check(TextRow row) {
        if (row.size() != columns.size()) {
            throw new IllegalArgumentException("table " + table + " has " + columns.size()
                    + " columns, a row of it has " + row.size() + " fields");
        }
    }

    /** Every field begins with a comma; the first of them becomes the brace. */
    private static void end(JsonBuffer to, int start) {
        if (to.size() == start) {
            to.append('{');
        } else {
            to.replace(start, '{');
        }
        to.append('}');
    }

    private byte[] taken() {
        byte[] record = out.toByteArray();
        // Not only when the next row comes, which may take a while: a huge array is let go at once (I11).
        out.clear();
        return record;
    }

    private void writeFields(TextRow row, int[] fields, ValueRenderer[] renderers, JsonBuffer to) {
        byte[] source = row.bytes();
        for (int field : fields) {
            to.append(names[field]);
            int length = row.length(field);
            if (length >= 0) {
                write(source, row.start(field), length, field, renderers[field], to);
            } else if (row.isNull(field)) {
                to.appendNull();
            } else {
                writeUnchanged(field, to);
            }
        }
    }

    private void write(byte[] source, int start, int length, int field, ValueRenderer renderer, JsonBuffer to) {
        try {
            renderer.render(source, start, length, to);
        } catch (CompositeRenderer.OtherFormException e) {
            throw new AlteredTypeException(table, columns.get(field).name(), e);
        } catch (IllegalArgumentException e) {
            throw new FlatEncodingException(table, columns.get(field).name(), String.valueOf(e.getMessage()), e);
        }
    }

    private void writeUnchanged(int field, JsonBuffer to) {
        Column column = columns.get(field);
        if (placeholder == null || column.isKey()) {
            throw new IllegalStateException("table " + table + ", column " + column.name()
                    + ": the value is unchanged and was not sent; the row has to be completed before it is encoded");
        }
        to.append(placeholder);
    }

    private static void rejectReservedNames(TableId table, List<Column> columns, FlatSettings settings) {
        Set<MetadataField> written = EnumSet.noneOf(MetadataField.class);
        written.addAll(settings.metadata());
        if (settings.keyTable()) {
            written.add(MetadataField.TABLE);
        }
        for (MetadataField field : written) {
            for (Column column : columns) {
                if (column.name().equals(field.fieldName())) {
                    throw new ConnectException("Table " + table + " has a column " + column.name()
                            + ", which is also the name of a metadata field. Take the field out of flat.metadata.fields"
                            + (field == MetadataField.TABLE && settings.keyTable()
                                    ? " and set flat.key.table=false"
                                    : "")
                            + ", or"
                            + " exclude the column with column.exclude.list; to rename the column is not enough where the"
                            + " stream has changes with it already");
                }
            }
        }
    }

    private static ValueRenderer valueRenderer(
            TableId table, Column column, FlatSettings settings, UnrepresentableValues unrepresentable) {
        UnrepresentablePolicy policy = policy(column, settings);
        return ValueRenderer.of(
                column.type(), new FallbackRenderer(policy, unrepresentable.tally(table, column.name(), policy)));
    }

    /** Two keys must not become one because both are written as null (invariant I9). */
    private static UnrepresentablePolicy policy(Column column, FlatSettings settings) {
        return (column.isKey() || column.inRowKey()) && settings.unrepresentable() == UnrepresentablePolicy.NULL
                ? UnrepresentablePolicy.STRING
                : settings.unrepresentable();
    }

    private static byte[] nameBytes(Column column) {
        JsonBuffer name = new JsonBuffer();
        byte[] text = column.name().getBytes(StandardCharsets.UTF_8);
        name.append(',');
        name.appendString(text, 0, text.length);
        name.append(':');
        return name.toByteArray();
    }

    private static byte[] keyPrefix(TableId table) {
        JsonBuffer prefix = new JsonBuffer();
        byte[] field = MetadataField.TABLE.fieldName().getBytes(StandardCharsets.UTF_8);
        prefix.append(',');
        prefix.appendString(field, 0, field.length);
        prefix.append(':');
        prefix.append(jsonString(table.toString()));
        return prefix.toByteArray();
    }

    private static byte[] jsonString(String value) {
        JsonBuffer string = new JsonBuffer();
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        string.appendString(text, 0, text.length);
        return string.toByteArray();
    }
}
