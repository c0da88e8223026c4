package io.pgseam.record;

import io.pgseam.pg.pgoutput.LogicalMessage;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** Makes the records of messages that applications write with {@code pg_logical_emit_message}. One thread at a time. */
@FunctionalInterface
public interface MessageRecords {

    /**
     * The record of a message. It does not refer to the bytes of the message afterwards.
     *
     * @param partition the source partition
     * @param offset the source offset
     */
    SourceRecord of(LogicalMessage message, MessagePlace place, Map<String, ?> partition, Map<String, ?> offset);
}
