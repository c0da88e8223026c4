package io.pgseam.pg.catalog;

import io.pgseam.pg.Lsn;
import java.util.Set;

/**
 * Which of some tables the catalogue no longer has.
 *
 * @param position where the server's WAL ended after that look: whatever was committed to such a table has a lower commit LSN
 * @param oids OIDs of those that are gone
 */
public record GoneTables(Lsn position, Set<Long> oids) {

    public GoneTables {
        oids = Set.copyOf(oids);
    }
}
