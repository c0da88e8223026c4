package io.pgseam.record;

import io.pgseam.pg.Lsn;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** Makes the records that say where a transaction begins and ends. One thread at a time. */
public interface TransactionRecords {

    /**
     * Before the first event of a transaction.
     *
     * @param transactionId its id: unsigned 32 bits
     * @param lsn where the server says that it begins
     * @param timeMicros when it committed, in µs since 1970
     * @param partition the source partition
     * @param offset the source offset
     */
    SourceRecord begin(long transactionId, Lsn lsn, long timeMicros, Map<String, ?> partition, Map<String, ?> offset);

    /**
     * After the last event of a transaction.
     *
     * @param lsn where the server says that it ends
     * @param total how many events it has
     * @param counts how many of each table
     */
    SourceRecord end(
            long transactionId,
            Lsn lsn,
            long timeMicros,
            long total,
            Map<String, Long> counts,
            Map<String, ?> partition,
            Map<String, ?> offset);
}
