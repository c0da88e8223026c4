package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;

/**
 * One leaf of a partitioned table, as it is now.
 *
 * @param rootOid OID of the partitioned table that is captured
 * @param root its name
 * @param oid OID of the leaf
 * @param id name of the leaf
 * @param madeInside whether it was made when everything between it and the root was in place already. If so, its rows were never
 *     anything but rows of the root; else it was attached, and may have rows that were not published as such
 */
public record Partition(long rootOid, TableId root, long oid, TableId id, boolean madeInside) {}
