package io.pgseam.tool.dialect;

import io.pgseam.pg.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table at the other end.
 *
 * @param source the table that it is a copy of
 * @param topic where its rows and changes come from
 * @param name its name
 * @param columns its columns, those of the key first, in key order
 * @param sourceComment the comment on the source table; null for none
 */
public record TargetTable(
        TableId source,
        String topic,
        String name,
        List<TargetColumn> columns,
        @Nullable String sourceComment) {

    public TargetTable {
        columns = List.copyOf(columns);
        if (columns.stream().noneMatch(TargetColumn::key)) {
            throw new IllegalArgumentException("table " + source + " has no key");
        }
    }

    List<TargetColumn> keys() {
        return columns.stream().filter(TargetColumn::key).toList();
    }

    String comment() {
        return sourceComment == null || sourceComment.isBlank()
                ? source + " of PostgreSQL"
                : source + " of PostgreSQL: " + sourceComment.replaceAll("\\s+", " ");
    }
}
