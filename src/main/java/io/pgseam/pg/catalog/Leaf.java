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
 */
public record Leaf(long oid, TableId id, long filenode, long blocks, long bytes) {

    /** The same with another file. */
    public Leaf withFilenode(long other) {
        return new Leaf(oid, id, other, blocks, bytes);
    }
}
