package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;
import java.util.List;

/**
 * A table that a publication publishes, without its columns and sizes.
 *
 * @param oid its OID
 * @param id its name
 * @param member OID of the member of the publication that it belongs to
 * @param leaves the relations that have its rows
 */
public record PublishedTable(long oid, TableId id, long member, List<Leaf> leaves) {

    public PublishedTable {
        leaves = List.copyOf(leaves);
    }

    /**
     * A relation with rows.
     *
     * @param oid its OID
     * @param id its name
     * @param madeInside as of {@link io.pgseam.pg.catalog.Leaf#madeInside}
     */
    public record Leaf(long oid, TableId id, boolean madeInside) {}
}
