package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.EventCounts;
import io.pgseam.phase.StreamOffset;
import io.pgseam.phase.TopicGroup;
import io.pgseam.record.EventOrder;
import io.pgseam.record.TransactionRecords;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Counts the events of a transaction, and says where it begins and ends ({@code provide.transaction.metadata}).
 *
 * <p>The counts are part of the position. The record of the beginning goes with the first event, and the record of the end takes the counts out of the
 * position. So a restart repeats neither, and a transaction without an event has none.
 *
 * <p>What lagging topics catch up with is counted nowhere: to a consumer, such a change is one of no transaction, as a copied row.
 *
 * <p>Used by the thread that reads the slot.
 */
final class TransactionEvents {

    private final @Nullable TransactionRecords records;
    private final Map<String, Object> partition;
    private final StreamCursor cursor;
    private final StreamTransaction transaction;

    /** @param records null if nothing is said of transactions */
    TransactionEvents(
            @Nullable TransactionRecords records,
            Map<String, Object> partition,
            StreamCursor cursor,
            StreamTransaction transaction) {
        this.records = records;
        this.partition = partition;
        this.cursor = cursor;
        this.transaction = transaction;
    }

    /**
     * Counts the record that is made next, before its offset is taken.
     *
     * @param collection what it is of
     * @return null if events are not counted
     */
    @Nullable
    EventOrder count(String collection) {
        if (records == null || cursor.group() == TopicGroup.LAGGING) {
            return null;
        }
        EventCounts counts = cursor.countEvent(collection);
        return new EventOrder(counts.total(), counts.ofCollection());
    }

    /** The record that comes before an event; null unless that is the first of its transaction. */
    @Nullable
    SourceRecord beginning(@Nullable EventOrder order) {
        return records == null || order == null || order.total() > 1
                ? null
                : records.begin(
                        transaction.id(),
                        transaction.beginLsn(),
                        transaction.commitTimeMicros(),
                        partition,
                        new StreamOffset(cursor.position(), cursor.change()));
    }

    /**
     * The record after the last event.
     *
     * @param at where the server says that the transaction ends
     * @return null if the transaction has none, or Kafka has the record
     */
    @Nullable
    SourceRecord end(Lsn at) {
        EventCounts counts = cursor.position().events();
        if (records == null || !cursor.streamsLive() || !counts.isOf(cursor.commitLsn())) {
            return null;
        }
        StreamOffset offset = new StreamOffset(cursor.offerEnd(), cursor.change());
        return records.end(
                transaction.id(),
                at,
                transaction.commitTimeMicros(),
                counts.total(),
                counts.byCollection(),
                partition,
                offset);
    }
}
