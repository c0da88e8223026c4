package io.pgseam.pg.pgoutput;

/**
 * One message of the pgoutput plugin, protocol version 1.
 *
 * <p>The layouts are those of PostgreSQL's documentation, chapter "Logical Replication Message Formats". OIDs and
 * transaction ids are unsigned 32-bit numbers and therefore longs here.
 */
public sealed interface Message
        permits Begin, Commit, Origin, Relation, Type, Insert, Update, Delete, Truncate, LogicalMessage {}
