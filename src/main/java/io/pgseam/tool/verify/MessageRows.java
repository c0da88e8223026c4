package io.pgseam.tool.verify;

import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Takes the messages of a table's topic apart: the only place that knows how rows are packed into messages. */
public interface MessageRows {

    /** Takes rows, one after the other. */
    @FunctionalInterface
    interface Taker {
        void take(TopicRow row);
    }

    /** What takes messages of the flat format apart, for one thread each: with one row each, or packed ({@code flat.pack.bytes}). */
    static Supplier<MessageRows> of(boolean packed) {
        return packed ? PackedMessages::new : FlatMessages::new;
    }

    /** Whether rows are in the order of their commits for each key of a message only, and not in the whole partition. */
    default boolean ordersByKey() {
        return false;
    }

    /**
     * Gives the rows of a message, in their order; none of a tombstone.
     *
     * @throws MalformedRowException if it is no message of pgseam
     */
    void read(ConsumerRecord<byte[], byte[]> message, Taker rows) throws MalformedRowException;
}
