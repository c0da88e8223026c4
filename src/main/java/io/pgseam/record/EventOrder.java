package io.pgseam.record;

/**
 * The place of an event among the events of its transaction, as Debezium counts them: records of changes without tombstones, and of messages.
 *
 * @param total among all, from 1
 * @param ofCollection among those of the same table, from 1
 */
public record EventOrder(long total, long ofCollection) {}
