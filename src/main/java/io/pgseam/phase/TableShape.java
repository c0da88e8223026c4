package io.pgseam.phase;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.List;
import java.util.Optional;

/**
 * What a captured table looks like for a while: whatever its records follow from.
 *
 * @param id its name, which names its topic
 * @param identity what its updates and deletes say of the old row
 * @param columns its captured columns, in the order of the table
 * @param key names of the columns of its row key, in the order of the key; empty where it has none
 */
public record TableShape(TableId id, ReplicaIdentity identity, List<ShapeColumn> columns, List<String> key) {

    /**
     * One column.
     *
     * @param name its name
     * @param typeOid OID of its type
     * @param modifier its type modifier; -1 for none
     * @param type its type as text, with the modifier
     * @param notNull whether it forbids NULL
     */
    public record ShapeColumn(String name, long typeOid, int modifier, String type, boolean notNull) {

        /** Whether values of the two are the same sort of thing. A type that is renamed stays the same type. */
        public boolean isOfTypeOf(ShapeColumn other) {
            return typeOid == other.typeOid && modifier == other.modifier;
        }
    }

    public TableShape {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /** The column of this name. */
    public Optional<ShapeColumn> column(String name) {
        return columns.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    /** Whether the other one has the same name, replica identity and columns. */
    public boolean isSameButKey(TableShape other) {
        return id.equals(other.id)
                && identity == other.identity
                && columns.size() == other.columns.size()
                && columns.stream()
                        .allMatch(column -> other.column(column.name())
                                .map(column::isOfTypeOf)
                                .orElse(false));
    }
}
