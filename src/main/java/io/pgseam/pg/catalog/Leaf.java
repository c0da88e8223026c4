package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;

/**
 * A relation with storage of its own: a plain table, or one leaf partition of a captured root.
 *
 * @param oid its OID
 * @param id its name
 * @param filenode {@code pg_relation_filenode()}: another one means that the table was rewritten
 * @param blocks size of the heap in blocks of 8 kB (the server's block size)
 * @param bytes size of the heap and its TOAST table, in bytes
 * @param madeInside whether it is a partition that was made as one, so that its rows were never anything but rows of the
 *     partitioned table; false where it is none, or was attached
 */
public record Leaf(long oid, TableId id, long filenode, long blocks, long bytes, boolean madeInside) {

    /** The same with another file. */
    public Leaf withFilenode(long other) {
        return new Leaf(oid, id, other, blocks, bytes, madeInside);
    }
}
