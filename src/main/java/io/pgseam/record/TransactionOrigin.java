package io.pgseam.record;

import io.pgseam.pg.Lsn;

/**
 * Where a transaction was replicated from, by the replication origin with which it was committed (PostgreSQL, "Replication Progress
 * Tracking").
 *
 * @param name the name of the replication origin
 * @param lsn where its commit stands on the server that it came from; as the one who committed it here has said
 */
public record TransactionOrigin(String name, Lsn lsn) {}
