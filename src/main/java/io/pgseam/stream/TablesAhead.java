package io.pgseam.stream;

import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.pg.catalog.PresentTables;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tables of the catalogue, which are looked at some at a time: the first change of each of thousands of tables must not cost a look each.
 *
 * <p>What was looked at before holds for a change if it shows the transaction of that change: a session that has altered the table before that
 * transaction is shown, too, because a transaction that changes rows waits for one that alters their table. Belongs to the thread that
 * reads the slot.
 */
final class TablesAhead {

    /** So many tables are kept of which no change has come yet: a table of 20 columns takes some 3 kB. */
    private static final int MOST_KEPT = 10_000;

    private final SourceCatalog catalog;
    private final Neighbours neighbours;
    private final Map<Long, Seen> ahead = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Seen> eldest) {
            return size() > MOST_KEPT;
        }
    };

    /** The last look; null before the first. */
    private @Nullable PresentTables last;

    /** How many tables were of use since the last look. */
    private int used;

    /** A table that was looked at before a change of it came; no table if it is gone. */
    private record Seen(PresentTables look, Optional<PresentTable> table) {}

    /** @param likely OIDs of the tables of which changes are likely to come */
    TablesAhead(SourceCatalog catalog, Collection<Long> likely) {
        this.catalog = catalog;
        this.neighbours = new Neighbours(likely);
    }

    /**
     * The table of this OID, as of now or of a time when the catalogue showed the transaction; empty if it is gone.
     *
     * @param xid the transaction at hand
     * @throws SQLException if the catalogue cannot be read
     */
    Optional<PresentTable> table(long oid, long xid) throws SQLException {
        Seen seen = ahead.remove(oid);
        if (seen != null && seen.look().shows(xid)) {
            used++;
            return seen.table();
        }
        Collection<Long> oids = neighbours.of(oid, size(xid), other -> !isKept(other, xid));
        PresentTables look = catalog.tables(oids);
        for (long other : oids) {
            if (other != oid) {
                ahead.put(other, new Seen(look, Optional.ofNullable(look.byOid().get(other))));
            }
        }
        last = look;
        used = 1;
        return Optional.ofNullable(look.byOid().get(oid));
    }

    /**
     * How many tables the next look takes. If the last one is too old by now, twice as many as were of use since: a lone change now and then costs
     * a look at two tables, and a burst of changes a few looks in all.
     */
    private int size(long xid) {
        return last == null || last.shows(xid) ? Neighbours.MOST : Math.min(Neighbours.MOST, 2 * used);
    }

    private boolean isKept(long oid, long xid) {
        Seen seen = ahead.get(oid);
        return seen != null && seen.look().shows(xid);
    }
}
