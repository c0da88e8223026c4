package io.pgseam.stream;

import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.stream.ShapeReader.Read;
import java.util.HashSet;
import java.util.Set;

/**
 * Recognizes new tables whose changes have to wait for the copy of their rows. A publication of all tables has such tables before any
 * plan does. Their rows are copied at the next anchor; if they were streamed before, they would be in Kafka twice, and without a key
 * nobody could tell.
 *
 * <p>A table with a key is streamed from its first change on: the copied rows replace what was streamed.
 */
final class NewTables {

    static final NewTables NONE = new NewTables(CopyPlan.NOTHING);

    private final Set<Long> planned = new HashSet<>();
    private final boolean areCopied;

    /** @param plan what is copied, or streamed from its first change on */
    NewTables(CopyPlan plan) {
        plan.relations().forEach(relation -> {
            planned.add(relation.oid());
            planned.add(relation.table().oid());
        });
        areCopied = plan.chunks() > 0;
    }

    /**
     * Whether no change of a table is to be sent before the next anchor.
     *
     * @param history what is known of its shapes: nothing, if none of its changes was sent
     */
    boolean hasToWait(Read read, ShapeHistory history) {
        PresentTable present = read.present();
        return areCopied
                && read.recordKey().isEmpty()
                && history.versions().isEmpty()
                && !planned.contains(read.message().oid())
                // A table that is gone is not copied. A partition may have been made inside of its table, which needs
                // no copy.
                && present != null
                && present.ancestors().isEmpty();
    }
}
