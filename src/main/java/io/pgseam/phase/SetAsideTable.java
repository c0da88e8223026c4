package io.pgseam.phase;

import io.pgseam.pg.TableId;

/**
 * A selected table that is not captured.
 *
 * @param oid its OID
 * @param table its name
 * @param reason the name of the reason, such as {@code no_replica_identity}
 * @param detail what exactly is wrong, for people
 * @param remedy what to do, for people
 */
public record SetAsideTable(long oid, TableId table, String reason, String detail, String remedy) {}
