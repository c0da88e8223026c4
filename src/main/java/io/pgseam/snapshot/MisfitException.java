package io.pgseam.snapshot;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Anchor;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import io.pgseam.snapshot.SnapshotSession.LockedRelation;
import java.sql.SQLException;
import java.util.Set;

/** A relation is no longer what the plan says: it was rewritten, dropped or altered. It is copied whole at a new anchor. */
final class MisfitException extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * undefined_table, undefined_column, undefined_object, undefined_function (of a row filter), invalid_schema_name,
     * wrong_object_type (a view has the name).
     */
    private static final Set<String> STATES = Set.of("42P01", "42703", "42704", "42883", "3F000", "42809");

    /** PostgreSQL 16 and before, with old_snapshot_threshold: rows that the snapshot shows are gone. */
    private static final String SNAPSHOT_TOO_OLD = "72000";

    /** insufficient_privilege: also of row level security that would hide rows. */
    private static final String NOT_ALLOWED = "42501";

    private final transient TableId relation;

    MisfitException(TableId relation, String message) {
        super(message);
        this.relation = relation;
    }

    /** The relation that was planned has another file. */
    static MisfitException rewritten(PlannedRelation planned, long filenode, Anchor anchor) {
        return new MisfitException(
                planned.relation(),
                "table " + planned.relation()
                        + " was rewritten (VACUUM FULL, CLUSTER, ALTER TABLE or TRUNCATE) since " + anchor
                        + ": its filenode was " + planned.filenode() + " and is " + filenode);
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

    /** The type of a planned column was dropped, and the column with it. */
    static MisfitException typeGone(PlannedTable table, PlannedColumn column, Anchor anchor) {
        return new MisfitException(
                table.id(),
                "table " + table.id() + " was altered since " + anchor + ": the type of its column \"" + column.name()
                        + "\" (OID " + column.type() + ") was dropped");
    }

    /**
     * The same failure, unless it says that the relation is no longer what the plan says.
     *
     * @throws MisfitException if it does
     */
    static SQLException misfitOr(SQLException failure, TableId relation, Anchor anchor) throws MisfitException {
        if (SNAPSHOT_TOO_OLD.equals(failure.getSQLState())) {
            throw new MisfitException(
                    relation,
                    "the source has removed rows of table " + relation + " that the snapshot of " + anchor
                            + " shows (old_snapshot_threshold)");
        }
        if (STATES.contains(String.valueOf(failure.getSQLState()))) {
            throw new MisfitException(
                    relation, "table " + relation + " was dropped, renamed or altered since " + anchor);
        }
        if (NOT_ALLOWED.equals(failure.getSQLState())) {
            throw new MisfitException(
                    relation,
                    "table " + relation + " can no longer be read since " + anchor + ": "
                            + SqlErrors.describe(failure));
        }
        return failure;
    }

    TableId relation() {
        return relation;
    }
}
