package io.pgseam.record.mask;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.record.RowPack;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TableRecordsFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Makes records that show masked values. A table without masked columns gets the records of the format as they are, and costs nothing.
 * A table with a column that a rule matches and that cannot be masked gets none at all.
 */
public final class MaskedRecordsFactory implements TableRecordsFactory {

    private final TableRecordsFactory records;
    private final ColumnMasks masks;
    private final boolean hashedKeys;

    /** @param hashedKeys whether columns of a key may be hashed; else a rule for one is refused */
    public MaskedRecordsFactory(TableRecordsFactory records, ColumnMasks masks, boolean hashedKeys) {
        this.records = records;
        this.masks = masks;
        this.hashedKeys = hashedKeys;
    }

    @Override
    public TableRecords recordsOf(TableId table, List<TableId> above, List<Column> columns) throws SQLException {
        for (Column column : columns) {
            Mask mask = masks.of(table, column.name());
            for (TableId name : above) {
                if (!Objects.equals(mask, masks.of(name, column.name()))) {
                    throw refused(
                            table,
                            column,
                            "the rules say something else of " + name + "." + column.name()
                                    + ", the same column of its partitioned table");
                }
            }
        }
        return recordsOf(table, columns);
    }

    @Override
    public TableRecords recordsOf(TableId table, List<Column> columns) throws SQLException {
        @Nullable Masker[] maskers = new Masker[columns.size()];
        @Nullable Masker[] oldMaskers = new Masker[columns.size()];
        List<Column> shown = new ArrayList<>(columns);
        boolean masked = false;
        for (int field = 0; field < maskers.length; field++) {
            Column column = columns.get(field);
            Mask mask = masks.of(table, column.name());
            if (mask != null) {
                shown.set(field, shown(table, column, mask));
                Masker masker = mask.masker(MaskedColumns.mostCharacters(column.type(), column.modifier()));
                maskers[field] = masker;
                oldMaskers[field] = column.notNull() ? masker.ofAbsentAsEmpty() : masker;
                masked = true;
            }
        }
        TableRecords made = records.recordsOf(table, shown);
        return masked ? new MaskedTableRecords(made, maskers, oldMaskers) : made;
    }

    @Override
    public @Nullable RowPack pack() {
        return records.pack();
    }

    private Column shown(TableId table, Column column, Mask mask) {
        String problem = MaskedColumns.problem(
                mask, column.type(), column.modifier(), column.isKey() || column.inRowKey(), hashedKeys);
        if (problem != null) {
            throw refused(table, column, problem);
        }
        return MaskedColumns.shown(column, mask);
    }

    private static ConnectException refused(TableId table, Column column, String problem) {
        return new ConnectException("Column " + column.name() + " of table " + table
                + " has to be masked and cannot be: " + problem
                + ". Correct the setting column.mask.… or column.truncate.… that matches it, or leave the column out by"
                + " column.exclude.list");
    }
}
