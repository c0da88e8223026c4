package io.pgseam.record;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records of one table, as it stands: with one set of columns. Snapshot rows and changes go through the same
 * rendering (invariant I6) and get the same key (invariant I7).
 *
 * <p>Used by one thread at a time.
 */
public interface TableRecords {

    /** The topic of the table's records. */
    String topic();

    /**
     * The record of a row that was copied; null if the row was added to {@link TableRecordsFactory#pack()}.
     *
     * @param row its fields, one for each captured column
     * @param place where it stands in the copy
     * @param anchor LSN of the anchor at which it was read
     * @param partition the source partition
     * @param offset the source offset
     */
    @Nullable
    SourceRecord snapshotRow(
            TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset);

    /**
     * About how many bytes of memory the record of a row takes, for what is bounded by bytes (invariant I11).
     *
     * @param textBytes size of the row as PostgreSQL's text
     */
    default long memoryOf(int textBytes) {
        return textBytes;
    }

    /** Makes the record of an inserted row. */
    void insert(TextRow row, ChangeWriter writer);

    /**
     * Makes the records of an updated row: an upsert, and before it a delete of the old row where its key changed. Of a table
     * without a key, a delete wherever the old row is whole.
     *
     * @param oldRow the old row, of which only the key has values unless {@code oldRowWhole}; null where the server sent none
     * @param newRow the new row; no field may be unchanged TOAST unless the format has a placeholder for it
     */
    void update(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer);

    /**
     * Makes what is left of an update whose new row cannot be completed, because the table no longer has it: the delete of the
     * old key where the key changed. Begins the same
     * records as {@link #update} would: positions of earlier releases count them.
     *
     * @param oldRow as for {@link #update}
     * @param oldRowWhole as for {@link #update}
     * @param newRow the new row; its key has values
     */
    void updateOfLostRow(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer);

    /**
     * Makes the record of a deleted row.
     *
     * @param oldRow the old row, of which only the key has values unless {@code oldRowWhole}
     */
    void delete(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer);

    /**
     * Makes the record of a truncate, if the format has one; else begins none.
     *
     * @return whether the target learns of the truncate by it
     */
    default boolean truncate(ChangeWriter writer) {
        return false;
    }

    /**
     * Whether a new row with unchanged TOAST fields has to be completed before {@link #update} can take it.
     */
    boolean needsWholeRows();
}
