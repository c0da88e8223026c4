package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;
import java.util.List;

/**
 * What was done to a publication. Tables that were added are published for commits after this one only: an anchor has to
 * be opened after it.
 *
 * @param created whether it was created
 * @param added the tables that it did not hold before; empty for one of all tables
 * @param removed the tables that it no longer holds
 */
public record PublicationChange(boolean created, List<TableId> added, List<TableId> removed) {

    public PublicationChange {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
    }

    static PublicationChange none() {
        return new PublicationChange(false, List.of(), List.of());
    }

    /** Whether anything was done. */
    public boolean any() {
        return created || !added.isEmpty() || !removed.isEmpty();
    }
}
