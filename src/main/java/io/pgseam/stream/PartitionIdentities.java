package io.pgseam.stream;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.pg.pgoutput.RelationColumn;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The replica identities of the partitions that are published as their partitioned table (invariant I16).
 *
 * <p>pgoutput marks the old row of such a change by the replica identity of the partitioned table, but it has the values that the
 * partition's own identity tells; the others are NULL. It does not say which partition a change is of. But before the first change
 * of a partition in a session, and again if the partition was altered, it sends two Relation messages: that of the table, and, directly
 * behind it, that of the partition. So the partitions that a change can be of are known, as of its place in the stream.
 */
final class PartitionIdentities {

    private final Map<Long, Map<Long, Relation>> partitions = new HashMap<>();
    private @Nullable Relation previous;
    private @Nullable Relation last;

    /** Takes a Relation message. */
    void described(Relation relation) {
        previous = last;
        last = relation;
    }

    /** Anything but a change of a row follows on the last Relation messages: none of them is of a partition. */
    void otherMessage() {
        previous = null;
        last = null;
    }

    /**
     * A change of a row follows on the last Relation messages.
     *
     * @param table OID of the table that the change names
     */
    void change(long table) {
        Relation partition = last;
        if (partition == null) {
            return;
        }
        if (previous != null && previous.oid() == table && partition.oid() != table) {
            partitions.computeIfAbsent(table, unused -> new TreeMap<>()).put(partition.oid(), partition);
        }
        otherMessage();
    }

    /**
     * What old rows of a table's changes tell.
     *
     * @return null if no change of it is of a partition, so that the old rows are what pgoutput calls them
     */
    @Nullable
    OldRows oldRows(long table) {
        Map<Long, Relation> known = partitions.get(table);
        return known == null ? null : OldRows.of(known.values());
    }

    /**
     * What the old rows of all partitions tell.
     *
     * @param whole whether they have all values, because each partition has REPLICA IDENTITY FULL
     * @param columns the columns whose values they have in any case
     * @param partitions the partitions without REPLICA IDENTITY FULL
     */
    record OldRows(boolean whole, Set<String> columns, List<TableId> partitions) {

        private static OldRows of(Collection<Relation> partitions) {
            Set<String> common = null;
            for (Relation partition : partitions) {
                Set<String> told = new HashSet<>();
                partition.columns().stream()
                        .filter(RelationColumn::key)
                        .map(RelationColumn::name)
                        .forEach(told::add);
                if (common == null) {
                    common = told;
                } else {
                    common.retainAll(told);
                }
            }
            List<TableId> partial = partitions.stream()
                    .filter(partition -> partition.replicaIdentity() != ReplicaIdentity.FULL)
                    .map(Relation::id)
                    .toList();
            return new OldRows(partial.isEmpty(), common == null ? Set.of() : common, partial);
        }
    }
}
