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
 * @param place where it is in the publication, see {@link PublicationVersions#placeOf}; empty if that was not read
 */
public record Leaf(long oid, TableId id, long filenode, long blocks, long bytes, boolean madeInside, String place) {

    /** A leaf whose place was not read. */
    public Leaf(long oid, TableId id, long filenode, long blocks, long bytes, boolean madeInside) {
        this(oid, id, filenode, blocks, bytes, madeInside, "");
    }

    /** The same with another file. */
    public Leaf withFilenode(long other) {
        return new Leaf(oid, id, other, blocks, bytes, madeInside, place);
    }

    /** The same at a place. */
    public Leaf at(String where) {
        return new Leaf(oid, id, filenode, blocks, bytes, madeInside, where);
    }
}
