package io.pgseam.record;

import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Messages that are being filled with rows ({@code flat.pack.bytes}). Rows of one key are in one message or in messages that follow each
 * other, in the order in which they were added.
 *
 * <p>All messages are closed together. Only the last one of them may have a source offset that says where the rows end: until Kafka has
 * all messages, it does not have every row up to there.
 *
 * <p>Used by one thread at a time.
 */
public interface RowPack {

    /** Whether rows were added that are not kept yet: those of the change at hand. */
    boolean hasNew();

    /** The rows that were added are complete: they are in messages from now on. */
    void keep();

    /** Forgets the rows that were added and are not kept. */
    void forgetNew();

    /** Whether no row is kept. */
    boolean isEmpty();

    /** About how many bytes of memory the messages take. */
    long bytes();

    /** How many messages there are. */
    int messages();

    /** How many topics there are among those of the messages that no earlier message went to. */
    int newTopics();

    /**
     * Takes the messages.
     *
     * @param partition the source partition of all of them
     * @param offset their source offset: it claims none of their rows
     */
    List<SourceRecord> close(Map<String, ?> partition, Map<String, ?> offset);
}
