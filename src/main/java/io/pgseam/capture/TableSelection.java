package io.pgseam.capture;

import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Relation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a look at the catalogue gave: which of the selected tables are captured, and which are set aside.
 *
 * @param captured the tables that are captured, or can be; of partitioned tables the topmost ones
 * @param relations by the OIDs of these tables and of all their partitions that can be captured, the OID of the topmost table
 * @param uncovered OIDs of those of the captured tables that neither copy nor stream covers yet
 * @param setAside the selected tables that are not captured, in the order of their names
 * @param withdrawn those of them that the connector's own publication holds, so that PostgreSQL refuses the application's changes
 * @param warnings what is no fault of a captured table and yet has to be known
 */
public record TableSelection(
        List<Relation> captured,
        Map<Long, Long> relations,
        Set<Long> uncovered,
        List<SetAside> setAside,
        List<Relation> withdrawn,
        List<String> warnings) {

    public TableSelection {
        captured = List.copyOf(captured);
        relations = Map.copyOf(relations);
        uncovered = Set.copyOf(uncovered);
        setAside = List.copyOf(setAside);
        withdrawn = List.copyOf(withdrawn);
        warnings = List.copyOf(warnings);
    }

    /** Whether a relation is captured, by its OID: a table, a partitioned table, or a partition of one. */
    public boolean captures(long oid) {
        return relations.containsKey(oid);
    }

    /** Tells the names of the captured tables: by these names a publication holds them. */
    public Predicate<TableId> names() {
        return captured.stream().map(Relation::id).collect(Collectors.toSet())::contains;
    }

    /** Returns a copy in which these are set aside, too. */
    public TableSelection settingAside(Collection<SetAside> tables) {
        if (tables.isEmpty()) {
            return this;
        }
        List<SetAside> all = new ArrayList<>(setAside);
        all.addAll(tables);
        TableSelection rest = without(tables.stream().map(SetAside::oid).toList());
        return new TableSelection(rest.captured, rest.relations, rest.uncovered, all, withdrawn, warnings);
    }

    /** Returns a copy without these of the captured tables. */
    public TableSelection without(Collection<Long> tables) {
        if (tables.isEmpty()) {
            return this;
        }
        Set<Long> gone = new HashSet<>(tables);
        Map<Long, Long> left = new HashMap<>(relations);
        left.values().removeAll(gone);
        Set<Long> waiting = new HashSet<>(uncovered);
        waiting.removeAll(gone);
        return new TableSelection(
                captured.stream().filter(table -> !gone.contains(table.oid())).toList(),
                left,
                waiting,
                setAside,
                withdrawn,
                warnings);
    }
}
