package io.pgseam.record;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Takes the records of the change at hand. */
public interface ChangeWriter {

    /** LSN of the commit that the change belongs to. */
    Lsn commitLsn();

    /** When that commit happened, in ms since the epoch. */
    long commitTimeMs();

    /** When that commit happened, in µs since the epoch. */
    long commitTimeMicros();

    /** Where the change itself stands in the WAL; rows that one record of the WAL holds share it. */
    Lsn lsn();

    /** Where the commit record of the transaction before ends, of all that the slot sends; {@link Lsn#NONE} where unknown. */
    Lsn previousCommitEnd();

    /** Id of the transaction that the change belongs to: unsigned 32 bits. */
    long transactionId();

    /** Where the transaction that the change belongs to was replicated from; null if it was made on this server. */
    @Nullable
    TransactionOrigin origin();

    /**
     * Begins the next record of the change at hand.
     *
     * @param what what it says
     * @return whether it has to be made; false if Kafka has it
     */
    boolean begin(What what);

    /** What a record says of its row. */
    enum What {
        /** A row version is gone: a delete, its tombstone, a truncate. */
        GONE,
        /** A new row version. */
        PRESENT
    }

    /** The number of the record begun last within its transaction: grows with each record that has one. */
    long sequence();

    /**
     * Counts the record begun last as an event of its transaction. To be called before its offset is taken.
     *
     * @param table its table
     * @return its place among the events; null if events are not counted
     */
    @Nullable
    EventOrder countEvent(TableId table);

    /** The source partition of the record begun last. */
    Map<String, ?> partition();

    /** The source offset of the record begun last. */
    Map<String, ?> offset();

    /**
     * Whether a record is not too large to be taken.
     *
     * @param bytes its size, as {@link RecordSize} counts
     */
    boolean fits(long bytes);

    /**
     * The record begun last, or what stands in for it where it is too large to be taken.
     *
     * @param columns the columns of its table
     * @throws ConnectException where it is too large, and the policy is to fail
     */
    SourceRecord admit(SourceRecord record, TableId table, List<Column> columns);

    /**
     * Takes the record begun last.
     *
     * @param bytes size of its key and value
     */
    void write(SourceRecord record, int bytes);
}
