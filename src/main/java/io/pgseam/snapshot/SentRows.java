package io.pgseam.snapshot;

import io.pgseam.record.MessageHash;
import io.pgseam.record.PackedRecord;
import org.apache.kafka.connect.source.SourceRecord;

/** The hashes of rows as Kafka gets them. They are known if a record's key and value are bytes, and nothing changes them on the way. */
final class SentRows {

    private final boolean sentAsMade;

    /** @param sentAsMade whether Kafka gets the bytes of a record as they are here */
    SentRows(boolean sentAsMade) {
        this.sentAsMade = sentAsMade;
    }

    /** Whether the hash of this record's row is known. */
    boolean hasHash(SourceRecord record) {
        return sentAsMade
                && record.value() instanceof byte[]
                && (record.key() == null || record.key() instanceof byte[]);
    }

    /** The sum of the hashes of this record's rows, if {@link #hasHash} says that it is known. */
    long hash(SourceRecord record) {
        return record instanceof PackedRecord packed
                ? packed.hash()
                : MessageHash.of((byte[]) record.key(), (byte[]) record.value());
    }
}
