package io.pgseam.stream;

import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamPosition;
import java.sql.SQLException;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/** Takes the records of the stream, in order, waiting for room if necessary. */
interface RecordSink {

    /**
     * Takes the records of one change: all of them, or none if it throws. They are never committed to Kafka apart from each other.
     *
     * @param change belongs to the caller, who may change the list afterwards
     * @param bytes their size
     */
    void accept(List<SourceRecord> change, long bytes) throws SQLException;

    /** Takes a record that is of no change. */
    default void accept(SourceRecord record, long bytes) throws SQLException {
        accept(List.of(record), bytes);
    }

    /** A source transaction ends here. */
    void endTransaction() throws SQLException;

    /** Whether the change at hand has added rows to messages that are being filled. */
    default boolean hasRows() {
        return false;
    }

    /** The rows that the change at hand has added are to be forgotten: they will be made again. */
    default void forgetRows() {}

    /**
     * Takes the rows that the change at hand has added.
     *
     * @param before where the stream is without them
     * @param reached where it is with them
     * @param change the change
     */
    default void acceptRows(StreamPosition before, StreamPosition reached, ChangeId change) throws SQLException {
        throw new IllegalStateException("no rows are packed");
    }

    /** Hands over what is kept back until messages are full: nothing more comes for a while. */
    default void flush() throws SQLException {}
}
