package io.pgseam.control;

import io.pgseam.pg.TableId;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.ShapeChange.ColumnRenamed;
import io.pgseam.phase.ShapeChange.TableRenamed;
import io.pgseam.phase.TableShape;
import io.pgseam.phase.TableShape.ShapeColumn;
import io.pgseam.record.mask.ColumnMasks;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/** What masks mean for what is told of tables' shapes. */
final class MaskedShapes {

    private final ColumnMasks masks;

    MaskedShapes(ColumnMasks masks) {
        this.masks = masks;
    }

    /** Whether values of a column must not be told, and its default is one. */
    boolean isMasked(TableId table, String column) {
        return masks.of(table, column) != null;
    }

    /**
     * Makes sure that a column that is renamed, or whose table is, stays masked: rules know names only.
     *
     * @throws ConnectException if a column was masked by its old name and is not by its new one
     */
    void ensureStillMasked(TableShape shape, Collection<ShapeChange> changes) {
        TableId formerTable = shape.id();
        Map<String, String> formerNames = new HashMap<>();
        for (ShapeChange change : changes) {
            if (change instanceof TableRenamed renamed) {
                formerTable = renamed.from();
            } else if (change instanceof ColumnRenamed renamed) {
                formerNames.put(renamed.to(), renamed.from());
            }
        }
        for (ShapeColumn column : shape.columns()) {
            String formerName = formerNames.getOrDefault(column.name(), column.name());
            if (isMasked(formerTable, formerName) && !isMasked(shape.id(), column.name())) {
                throw new ConnectException("Column " + formerName + " of table " + formerTable
                        + " is masked. It is now column " + column.name() + " of table " + shape.id()
                        + ", which no rule matches. Add the new name to the setting column.mask.… or column.truncate.… that"
                        + " matches the old one, or to column.exclude.list; then restart the task");
            }
        }
    }
}
