package io.pgseam.stream;

import io.pgseam.metrics.Counter;
import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.pgoutput.OldTuple;
import io.pgseam.record.TableRecords;
import io.pgseam.record.UnfitTableException;
import io.pgseam.stream.PartitionIdentities.OldRows;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A captured table as the stream sees it: with the columns of the last Relation message.
 *
 * <p>Rows of the stream have every published column; the captured ones are picked out where some are excluded.
 */
final class CapturedRelation {

    private final long oid;
    private final TableId id;
    private final List<Column> columns;
    private final int[] keyFields;
    private final TableRecords records;
    private final int @Nullable [] picked;
    private final boolean keyInOldRows;
    private final @Nullable OldRows partitionRows;
    private final TextRow pickedOld = new TextRow();
    private final TextRow pickedNew = new TextRow();
    private @Nullable Counter changes;

    /**
     * @param oid the OID that changes name it by
     * @param columns the captured columns
     * @param picked for each of them, its place among the published columns; null where all are captured
     * @param keyInOldRows whether updates and deletes tell the old record key, as far as its replica identity goes
     * @param partitionRows what the old rows of its partitions tell; null if changes are of no partition
     */
    CapturedRelation(
            long oid,
            TableId id,
            List<Column> columns,
            TableRecords records,
            int @Nullable [] picked,
            boolean keyInOldRows,
            @Nullable OldRows partitionRows) {
        this.oid = oid;
        this.id = id;
        this.columns = columns;
        this.keyFields = IntStream.range(0, columns.size())
                .filter(field -> columns.get(field).inRowKey())
                .toArray();
        this.records = records;
        this.picked = picked;
        this.partitionRows = partitionRows;
        this.keyInOldRows = keyInOldRows
                && (partitionRows == null
                        || columns.stream()
                                .filter(Column::isKey)
                                .allMatch(column -> partitionRows.columns().contains(column.name())));
    }

    long oid() {
        return oid;
    }

    TableId id() {
        return id;
    }

    List<Column> columns() {
        return columns;
    }

    /** The captured columns that tell a row from every other, as fields of its rows; none where the table has no key. */
    int[] keyFields() {
        return keyFields;
    }

    TableRecords records() {
        return records;
    }

    /** Counts a change. */
    void countChange(StreamMetrics metrics) {
        Counter counter = changes;
        if (counter == null) {
            counter = metrics.of(this);
            changes = counter;
        }
        counter.add();
    }

    /**
     * Whether an old row has all values. Of a change of a partition, only the partition's own replica identity can say so.
     *
     * @param marker what pgoutput calls the old row
     */
    boolean isWhole(OldTuple marker) {
        return partitionRows == null ? marker == OldTuple.FULL : marker != OldTuple.NONE && partitionRows.whole();
    }

    /**
     * Makes sure that a change tells the old record key: rather no record than one with a wrong key (invariant I7).
     *
     * @param oldRow as of {@link #tellsOldKey}
     * @param whole as of {@link #tellsOldKey}
     * @param commitLsn commit LSN of the change
     * @throws UnfitTableException if it does not
     */
    void ensureOldKey(@Nullable TextRow oldRow, boolean whole, Lsn commitLsn) {
        if (tellsOldKey(oldRow, whole)) {
            return;
        }
        List<TableId> partial = partitionRows == null ? List.of() : partitionRows.partitions();
        String change = "Cannot build the old key of a change to table " + id + " at LSN " + commitLsn + ": ";
        throw new UnfitTableException(
                partial.isEmpty()
                        ? change
                                + "message.key.columns uses columns that the replica identity of the table does not include. For"
                                + " future changes run ALTER TABLE " + id.quoted()
                                + " REPLICA IDENTITY FULL. To get past this change, remove the table from"
                                + " message.key.columns"
                        : change
                                + "the replica identity of a partition does not include all columns of the record key, whatever"
                                + " that of the table is. For future changes run ALTER TABLE … REPLICA IDENTITY FULL on the"
                                + " partitions without it: " + PublicationWatch.names(partial)
                                + ". To get past this change, remove the table from message.key.columns, or from"
                                + " table.include.list until the stream has passed it: the table is copied again when it is"
                                + " added");
    }

    /**
     * Whether an update or a delete tells the old record key. It may not, where {@code message.key.columns} names columns that the
     * replica identity does not have: then a record would get a wrong key, or none would say that a key is gone.
     *
     * @param oldRow its old row as {@link #oldRow} gives it; null where none was sent because the replica identity's columns are
     *     as they were
     * @param whole whether the old row has all values
     */
    private boolean tellsOldKey(@Nullable TextRow oldRow, boolean whole) {
        if (whole || (keyInOldRows && oldRow == null)) {
            return true;
        }
        if (oldRow == null) {
            return false;
        }
        for (int field = 0; field < columns.size(); field++) {
            // Columns of an identity that is not FULL are never NULL; a column outside of it is sent as NULL.
            if (columns.get(field).isKey() && oldRow.isNull(field)) {
                return false;
            }
        }
        return true;
    }

    /** The captured fields of an old row; valid until the next call. */
    @Nullable
    TextRow oldRow(@Nullable TextRow published) {
        return published == null ? null : pick(published, pickedOld);
    }

    /** The captured fields of a new row; valid until the next call. */
    TextRow newRow(TextRow published) {
        return pick(published, pickedNew);
    }

    private TextRow pick(TextRow published, TextRow into) {
        if (picked == null) {
            return published;
        }
        into.reset(published.bytes());
        for (int field : picked) {
            if (published.isNull(field)) {
                into.addNull();
            } else if (published.isUnchanged(field)) {
                into.addUnchanged();
            } else {
                into.addValue(published.start(field), published.length(field));
            }
        }
        return into;
    }
}
