package io.pgseam.snapshot;

import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.snapshot.SnapshotSession.LockedRelation;

/** A relation is no longer what the plan says: it was rewritten, dropped or altered. It is copied whole at a new anchor. */
final class MisfitException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient TableId relation;

    MisfitException(TableId relation, String message) {
        super(message);
        this.relation = relation;
    }

    /** The relation that was planned has another file. */
    static MisfitException rewritten(PlannedRelation planned, LockedRelation now, Anchor anchor) {
        return new MisfitException(
                planned.relation(),
                "table " + planned.relation()
                        + " was rewritten (VACUUM FULL, CLUSTER, ALTER TABLE or TRUNCATE) since " + anchor
                        + ": its filenode was " + planned.filenode() + " and is " + now.filenode());
    }

    /** The name that was planned leads to another relation (invariant I16). */
    static MisfitException otherTable(PlannedRelation planned, LockedRelation now, Anchor anchor) {
        String oid = String.valueOf(planned.oid());
        String fate = now.nameOfPlanned().equals(oid) ? "was dropped" : "is now " + now.nameOfPlanned();
        return new MisfitException(
                planned.relation(),
                planned.relation() + " is another table since " + anchor + ": its OID was " + oid + " and is "
                        + now.oid()
                        + ". The table that had this name " + fate
                        + ". Rows that were copied from it remain in the topic");
    }

    TableId relation() {
        return relation;
    }
}
