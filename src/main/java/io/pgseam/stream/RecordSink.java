package io.pgseam.stream;

import java.sql.SQLException;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/** Takes the records of the stream, in order, waiting for room if necessary. */
interface RecordSink {

    /**
     * Takes the records of one change: all of them, or none if it throws. They are never committed to Kafka apart from each other.
     *
     * @param bytes their size
     */
    void accept(List<SourceRecord> change, long bytes) throws SQLException;

    /** Takes a record that is of no change. */
    default void accept(SourceRecord record, long bytes) throws SQLException {
        accept(List.of(record), bytes);
    }

    /** A source transaction ends here. */
    void endTransaction();
}
