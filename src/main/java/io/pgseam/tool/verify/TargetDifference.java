package io.pgseam.tool.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row that is not the same in a target.
 *
 * @param kind how it differs
 * @param key the columns that name it, as JSON; null if the table has no key
 * @param columns the columns whose values differ; empty if one end has no such row
 * @param copies how many rows the target has of this key
 */
public record TargetDifference(
        Difference.Kind kind, @Nullable String key, List<String> columns, long copies) {

    public TargetDifference {
        columns = List.copyOf(columns);
    }
}
