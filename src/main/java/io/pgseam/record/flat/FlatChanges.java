package io.pgseam.record.flat;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.RowOperation;
import io.pgseam.record.SkippedChanges;
import io.pgseam.record.TableRecords;
import io.pgseam.record.json.JsonBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which rows a change of a table makes in the flat format; how rows become messages, a subclass says. */
abstract class FlatChanges implements TableRecords {

    private final TableId table;
    private final List<Column> columns;
    private final FlatRowEncoder encoder;
    private final boolean placeholder;
    private final SkippedChanges skipped;
    private final JsonBuffer newKey = new JsonBuffer();
    private final JsonBuffer oldKey = new JsonBuffer();

    FlatChanges(TableId table, List<Column> columns, FlatSettings settings, UnrepresentableValues unrepresentable) {
        this.table = table;
        this.columns = List.copyOf(columns);
        this.encoder = new FlatRowEncoder(table, columns, settings, unrepresentable);
        this.skipped = settings.skipped();
        this.placeholder = settings.unchangedPlaceholder() != null;
    }

    final TableId table() {
        return table;
    }

    final List<Column> columns() {
        return columns;
    }

    final FlatRowEncoder encoder() {
        return encoder;
    }

    @Override
    public final boolean needsWholeRows() {
        return !placeholder;
    }

    /** The key of a row, until the next one is asked for; empty if the table has none. */
    final JsonBuffer keyOf(TextRow row) {
        encoder.key(row, newKey);
        return newKey;
    }

    /**
     * A row version is there.
     *
     * @param key its key; empty if the table has none
     * @param written whether it is told; else its number alone is used up
     */
    abstract void upsert(JsonBuffer key, TextRow row, boolean written, ChangeWriter writer);

    /**
     * A row version is gone.
     *
     * @param key its key; empty if the table has none
     * @param oldRow of which only the key has values unless {@code oldRowWhole}
     * @param written whether it is told; else its numbers alone are used up
     */
    abstract void delete(JsonBuffer key, TextRow oldRow, boolean oldRowWhole, boolean written, ChangeWriter writer);

    private boolean isWritten(RowOperation operation) {
        return !skipped.operations().contains(operation);
    }

    @Override
    public final void insert(TextRow row, ChangeWriter writer) {
        encoder.inTransaction(writer.transactionId());
        upsert(keyOf(row), row, isWritten(RowOperation.CREATE), writer);
    }

    @Override
    public final void update(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        encoder.inTransaction(writer.transactionId());
        JsonBuffer key = keyOf(newRow);
        boolean written = !(skipped.unchanged() && oldRow != null && oldRowWhole && newRow.holdsSameAs(oldRow));
        boolean moved = deleteOldKey(oldRow, oldRowWhole, key, newRow, written, writer);
        upsert(key, newRow, written && isWritten(moved ? RowOperation.CREATE : RowOperation.UPDATE), writer);
    }

    @Override
    public final void updateOfLostRow(
            @Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        encoder.inTransaction(writer.transactionId());
        deleteOldKey(oldRow, oldRowWhole, keyOf(newRow), newRow, true, writer);
        writer.begin(What.PRESENT);
    }

    @Override
    public final void delete(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
        encoder.inTransaction(writer.transactionId());
        delete(keyOf(oldRow), oldRow, oldRowWhole, isWritten(RowOperation.DELETE), writer);
    }

    /**
     * A row that is another one now, by its record key or by its row key: the old one is gone.
     *
     * @param written whether the update is told
     * @return whether it is
     */
    private boolean deleteOldKey(
            @Nullable TextRow oldRow,
            boolean oldRowWhole,
            JsonBuffer key,
            TextRow newRow,
            boolean written,
            ChangeWriter writer) {
        if (oldRow == null) {
            return false;
        }
        encoder.key(oldRow, oldKey);
        if (!encoder.hasKey()) {
            // Nothing but the whole row tells a row without a key. A consumer that counts rows needs the delete of an
            // equal
            // one, too.
            if (oldRowWhole) {
                delete(oldKey, oldRow, true, written && isWritten(RowOperation.UPDATE), writer);
            }
            return false;
        }
        boolean moved = encoder.keyIsIdentity()
                ? !oldKey.holdsSameAs(key)
                : !Arrays.equals(encoder.identity(oldRow), encoder.identity(newRow));
        if (moved) {
            delete(oldKey, oldRow, oldRowWhole, isWritten(RowOperation.DELETE), writer);
        }
        return moved;
    }
}
