package io.pgseam.stream;

import io.pgseam.pg.catalog.PresentCatalog;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** The tables whose changes the stream sends: those of its plan, and partitions that were made inside of them. */
public final class CoveredTables {

    /** Every table, however it came to be published. */
    public static final CoveredTables ALL = new CoveredTables(CopyPlan.NOTHING);

    private final Set<Long> known = new HashSet<>();
    private final Set<Long> members = new HashSet<>();

    /** @param plan what is copied, or was; with nothing to copy, every table is covered */
    public CoveredTables(CopyPlan plan) {
        if (plan.chunks() == 0) {
            return;
        }
        for (PlannedRelation relation : plan.relations()) {
            known.add(relation.oid());
            known.add(relation.table().oid());
            members.add(relation.table().member());
        }
    }

    /** Whether it is known without the catalogue that the table of this OID is covered. */
    boolean isKnown(long oid) {
        return known.isEmpty() || known.contains(oid);
    }

    /**
     * Whether a table is covered that the plan does not have. A partition that was made inside of what is covered was empty. A table that is
     * gone cannot be copied any more: all of it that can be had is in the stream.
     */
    boolean coversUnknown(long oid, PresentCatalog catalog) throws SQLException {
        return catalog.isMadeInside(oid, members).orElse(true);
    }
}
