package io.pgseam.pg.catalog;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A table of a publication that the lists may select.
 *
 * @param member OID of the member of the publication that it belongs to
 * @param columns the columns that it publishes; null where the server is too old to say, and publishes them all
 * @param selectedAs the names, its own and those of tables above it, that the filter selects
 */
record SelectedTable(
        long oid,
        long member,
        TableId id,
        ReplicaIdentity identity,
        @Nullable Set<String> columns,
        @Nullable String rowFilter,
        List<TableId> selectedAs) {

    SelectedTable selectedAs(List<TableId> names) {
        return new SelectedTable(oid, member, id, identity, columns, rowFilter, names);
    }

    boolean publishes(String column) {
        return columns == null || columns.contains(column);
    }

    boolean selects(String column, BiPredicate<TableId, String> filter) {
        return selectedAs.stream().allMatch(name -> filter.test(name, column));
    }

    /**
     * Names of the columns that are its record key instead of its row key; empty if they are not. By its own name, else by that of the nearest
     * table above it that has one.
     */
    List<String> messageKey(Function<TableId, List<String>> messageKeys) {
        List<String> own = messageKeys.apply(id);
        if (!own.isEmpty()) {
            return own;
        }
        return selectedAs.stream()
                .map(messageKeys)
                .filter(key -> !key.isEmpty())
                .findFirst()
                .orElse(List.of());
    }
}
