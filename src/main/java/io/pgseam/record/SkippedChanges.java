package io.pgseam.record;

import java.util.Set;

/**
 * The changes that are left out.
 *
 * @param operations which operations, whatever they change
 * @param unchanged whether an update that changes no captured column is; the server has to send the whole old row
 */
public record SkippedChanges(Set<RowOperation> operations, boolean unchanged) {

    public static final SkippedChanges NONE = new SkippedChanges(Set.of(), false);

    public SkippedChanges {
        operations = Set.copyOf(operations);
    }
}
