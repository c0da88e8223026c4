package io.pgseam.record;

import io.pgseam.pg.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * Where a message of {@code pg_logical_emit_message} is in the stream.
 *
 * @param lsn the end of its WAL record, as PostgreSQL sends it
 * @param commitLsn LSN of the commit of its transaction; its own if it belongs to none
 * @param sequence no {@code __seq} of a change before it in its transaction is higher; 0 if it belongs to none
 * @param previousCommitEnd where the commit before its transaction ends; if it belongs to none, its own LSN, as Debezium has it
 * @param transactionId id of its transaction; null if it belongs to none
 * @param origin where its transaction was replicated from; null if it belongs to none, or to one that was made on this server
 * @param order its place among the events of its transaction; null if it belongs to none, or events are not counted
 * @param timeMicros when its transaction committed, in µs since 1970; if it belongs to none, when it was read
 */
public record MessagePlace(
        Lsn lsn,
        Lsn commitLsn,
        long sequence,
        Lsn previousCommitEnd,
        @Nullable Long transactionId,
        @Nullable TransactionOrigin origin,
        @Nullable EventOrder order,
        long timeMicros) {}
