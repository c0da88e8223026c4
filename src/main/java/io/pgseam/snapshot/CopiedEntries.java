package io.pgseam.snapshot;

import io.pgseam.ledger.Ledger;
import io.pgseam.phase.CopiedTable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's entries of tables that are copied. An entry stands for the chunks of all relations of the table that were planned by then: once there
 * is one, the ledger may forget these chunks, and does so after the seam.
 */
public final class CopiedEntries {

    private final Map<Long, CopiedTable> entries;

    private CopiedEntries(Map<Long, CopiedTable> entries) {
        this.entries = entries;
    }

    /** Asks for the entries of the tables to which these relations belong. */
    public static CopiedEntries read(Collection<PlannedRelation> relations, Ledger ledger) {
        List<Long> tables = relations.stream()
                .map(relation -> relation.table().oid())
                .distinct()
                .toList();
        return new CopiedEntries(ledger.copiedTables(tables));
    }

    /** The entry that says that all chunks of a relation are done; null if there is none. */
    public @Nullable CopiedTable of(PlannedRelation relation) {
        CopiedTable entry = entries.get(relation.table().oid());
        // An entry of an earlier copy says nothing of a relation that has to be copied since.
        return entry != null && entry.generation() >= relation.since() ? entry : null;
    }

    /** Whether all chunks of a relation are done by an entry. */
    public boolean cover(PlannedRelation relation) {
        return of(relation) != null;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }
}
