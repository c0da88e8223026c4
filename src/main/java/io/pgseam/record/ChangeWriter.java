package io.pgseam.record;

import io.pgseam.pg.Lsn;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/** Takes the records of the change at hand, and numbers them within their transaction. */
public interface ChangeWriter {

    /** LSN of the commit that the change belongs to. */
    Lsn commitLsn();

    /** When that commit happened, in ms since the epoch. */
    long commitTimeMs();

    /**
     * Moves on to the next number within the transaction, from 1.
     *
     * @return the number, or 0 where Kafka has that record already and nothing needs to be rendered
     */
    long nextSequence();

    /** Takes the record that goes by the number given last. */
    void write(String topic, Schema keySchema, @Nullable Object key, Schema valueSchema, @Nullable Object value, int bytes);
}
