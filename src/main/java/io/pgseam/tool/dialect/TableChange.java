package io.pgseam.tool.dialect;

import java.util.List;
import java.util.Map;

/**
 * What a table at the other end has to become.
 *
 * @param table as it has to be
 * @param renamed columns by their names there, with their new ones
 * @param added columns that it does not have
 * @param retyped columns that have another type there
 * @param dropped columns that the source does not have any more
 */
public record TableChange(
        TargetTable table,
        Map<String, String> renamed,
        List<TargetColumn> added,
        List<TargetColumn> retyped,
        List<String> dropped) {

    public TableChange {
        renamed = Map.copyOf(renamed);
        added = List.copyOf(added);
        retyped = List.copyOf(retyped);
        dropped = List.copyOf(dropped);
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return renamed.isEmpty() && added.isEmpty() && retyped.isEmpty() && dropped.isEmpty();
    }
}
