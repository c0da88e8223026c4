package io.pgseam.record.mask;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Masks every row before the format sees it: new and old ones, of the copy and of the stream alike. */
final class MaskedTableRecords implements TableRecords {

    private final TableRecords records;
    private final @Nullable Masker[] maskers;
    private final @Nullable Masker[] oldMaskers;
    private final MaskedRow newRow = new MaskedRow();
    private final MaskedRow oldRow = new MaskedRow();

    /**
     * @param records makes the records
     * @param maskers what masks each column; null for those that pass
     * @param oldMaskers the same for old rows
     */
    MaskedTableRecords(TableRecords records, @Nullable Masker[] maskers, @Nullable Masker[] oldMaskers) {
        this.records = records;
        this.maskers = maskers.clone();
        this.oldMaskers = oldMaskers.clone();
    }

    @Override
    public String topic() {
        return records.topic();
    }

    @Override
    public @Nullable SourceRecord snapshotRow(
            TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
        try {
            return records.snapshotRow(newRow.fill(row, maskers), place, anchor, partition, offset);
        } finally {
            newRow.release();
        }
    }

    @Override
    public long memoryOf(int textBytes) {
        return records.memoryOf(textBytes);
    }

    @Override
    public void insert(TextRow row, ChangeWriter writer) {
        try {
            records.insert(newRow.fill(row, maskers), writer);
        } finally {
            newRow.release();
        }
    }

    @Override
    public void update(@Nullable TextRow old, boolean oldRowWhole, TextRow row, ChangeWriter writer) {
        try {
            records.update(shownOld(old), oldRowWhole, newRow.fill(row, maskers), writer);
        } finally {
            release();
        }
    }

    @Override
    public void updateOfLostRow(@Nullable TextRow old, boolean oldRowWhole, TextRow row, ChangeWriter writer) {
        try {
            records.updateOfLostRow(shownOld(old), oldRowWhole, newRow.fill(row, maskers), writer);
        } finally {
            release();
        }
    }

    @Override
    public void delete(TextRow old, boolean oldRowWhole, ChangeWriter writer) {
        try {
            records.delete(oldRow.fill(old, oldMaskers), oldRowWhole, writer);
        } finally {
            release();
        }
    }

    private @Nullable TextRow shownOld(@Nullable TextRow old) {
        return old == null ? null : oldRow.fill(old, oldMaskers);
    }

    private void release() {
        newRow.release();
        oldRow.release();
    }

    @Override
    public boolean truncate(ChangeWriter writer) {
        return records.truncate(writer);
    }

    @Override
    public boolean needsWholeRows() {
        return records.needsWholeRows();
    }
}
