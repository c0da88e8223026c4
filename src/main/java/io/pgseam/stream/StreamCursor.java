package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.StreamPosition.Place;
import io.pgseam.phase.Timeline;
import io.pgseam.phase.TopicGroup;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names and numbers the changes of a transaction, and knows which of them Kafka has.
 *
 * <p>Every change that the server sends counts, captured or not: so neither a change's name nor its numbers depend on any setting
 * (invariant I13).
 *
 * <p>Used by the thread that reads the slot.
 */
final class StreamCursor {

    private static final Logger LOG = LoggerFactory.getLogger(StreamCursor.class);

    /**
     * How many numbers a change takes. Its records need two. With four, a number is never lower than the one that an earlier release gave
     * the same record, which numbered the captured records (at most a delete, a tombstone and an upsert for each change).
     */
    private static final long NUMBERS_PER_CHANGE = 4;

    private final Set<String> liveTopics;
    private final boolean liveOnly;

    /** Where the stream is with the last record that the sink took; Kafka need not have it yet. */
    private StreamPosition position;

    /** Where it is once the sink takes the record at hand. */
    private StreamPosition offered;

    private ChangeId change = ChangeId.startOf(Lsn.NONE);

    /** No number of the changes before the one at hand is higher. */
    private long numbersBefore;

    /** The numbers that the changes of the transaction have used, up to the one at hand. */
    private long numbers;

    /** Records of the transaction, by group, as earlier releases counted them: before the change at hand, and with it. */
    private final Map<TopicGroup, Long> countedBefore = new EnumMap<>(TopicGroup.class);

    private final Map<TopicGroup, Long> counted = new EnumMap<>(TopicGroup.class);

    private TopicGroup group = TopicGroup.LIVE;

    /**
     * @param from what is committed
     * @param liveTopics while some topics lag behind: those that do not
     * @param liveOnly whether rows are being copied to the other topics, so that they stay where they are
     */
    StreamCursor(StreamPosition from, Set<String> liveTopics, boolean liveOnly) {
        this.liveTopics = liveTopics;
        this.liveOnly = liveOnly;
        this.position = liveOnly ? from.split() : from;
        this.offered = position;
    }

    StreamPosition position() {
        return position;
    }

    /** What comes from here on is read on this timeline. */
    void onTimeline(Timeline timeline) {
        position = position.onTimeline(timeline);
    }

    /** A transaction begins. */
    void begin(Lsn commitLsn) {
        change = ChangeId.startOf(commitLsn);
        numbersBefore = 0;
        numbers = 0;
        counted.clear();
    }

    /** The name of the next change of the transaction, which is of this WAL record. */
    ChangeId following(Lsn recordLsn) {
        int index = change.recordLsn().equals(recordLsn) ? change.index() + 1 : 0;
        return new ChangeId(change.commitLsn(), recordLsn, index);
    }

    /**
     * The next change of the transaction begins.
     *
     * @param recordLsn LSN of its WAL record
     * @param tables how many tables it is of: one, unless it is a truncate
     */
    void next(Lsn recordLsn, int tables) {
        change = following(recordLsn);
        countedBefore.clear();
        countedBefore.putAll(counted);
        numbersBefore = numbers;
        startBehind(position.place(TopicGroup.LIVE));
        startBehind(position.place(TopicGroup.LAGGING));
        numbers = numbersBefore + NUMBERS_PER_CHANGE * tables;
    }

    /**
     * Numbers never go back behind a stored position. They would if the server sent less of the transaction than it did then, which it
     * may after a publication was altered, and after an update of the connector.
     */
    private void startBehind(Place place) {
        if (numbersBefore < place.sequence()
                && place.last().commitLsn().equals(commitLsn())
                && place.last().compareTo(change) < 0) {
            numbersBefore = place.sequence();
        }
    }

    /** The change at hand. */
    ChangeId change() {
        return change;
    }

    /** Commit LSN of the transaction at hand. */
    Lsn commitLsn() {
        return change.commitLsn();
    }

    /** No {@code __seq} of the transaction so far is higher; with the change at hand, if its records are made. */
    long sequence() {
        return numbers;
    }

    /** No {@code __seq} of the transaction before the change at hand is higher. */
    long sequenceBefore() {
        return numbersBefore;
    }

    /** {@code __seq} of a record that says that a row version is gone: lower than {@link #newSequence} of the same change. */
    long oldSequence() {
        return numbers - 1;
    }

    /** {@code __seq} of a record that holds a new row version. */
    long newSequence() {
        return numbers;
    }

    /** Whether some topics lag behind, so that it matters which topic a change is of. */
    boolean isSplit() {
        return position.isSplit();
    }

    /**
     * Whether a change may have to be sent to a topic. It may be of a transaction that is still to begin, so its name is not known.
     *
     * @param topic null if no topic lags behind
     * @param committed LSN of the commit of its transaction
     * @param recordLsn LSN of its WAL record
     */
    boolean mayWant(@Nullable String topic, Lsn committed, Lsn recordLsn) {
        return wants(topic, new ChangeId(committed, recordLsn, Integer.MAX_VALUE));
    }

    /**
     * Whether a change has to be sent to a topic.
     *
     * @param topic null if no topic lags behind
     */
    boolean wants(@Nullable String topic, ChangeId wanted) {
        TopicGroup of = groupOf(topic);
        return isStreamed(of) && !position.covers(wanted, of);
    }

    /** The records that are made next are of this topic. */
    void select(@Nullable String topic) {
        group = groupOf(topic);
    }

    private boolean isStreamed(TopicGroup of) {
        return !liveOnly || of == TopicGroup.LIVE;
    }

    private TopicGroup groupOf(@Nullable String topic) {
        return topic == null || liveTopics.contains(topic) ? TopicGroup.LIVE : TopicGroup.LAGGING;
    }

    /** The records of the change at hand are made from the first on, perhaps once more. */
    void makeRecords() {
        offered = position;
        counted.clear();
        counted.putAll(countedBefore);
    }

    /** The group of the topic that was selected. */
    TopicGroup group() {
        return group;
    }

    /**
     * Counts the next record of the change at hand, as earlier releases did, if the position is of one.
     *
     * @return whether the record has to be sent; false if Kafka has it
     */
    boolean count() {
        long stored = position.countedRecords(commitLsn(), group);
        return stored == 0 || counted.merge(group, 1L, Long::sum) > stored;
    }

    /** Where the stream is once all records of the change at hand are taken. */
    StreamPosition offer() {
        Place place = new Place(change, numbers);
        StreamPosition reached = offered.at(group, place);
        offered = liveOnly ? reached : reached.readUpTo(place);
        return offered;
    }

    /** The sink has taken what was offered. */
    void taken() {
        if (position.isSplit() && !offered.isSplit()) {
            LOG.info(
                    "The newly copied topics have caught up at LSN {}; all topics share one position again",
                    offered.lsn());
        }
        position = offered;
    }

    /** Where the stream is once everything committed before an LSN has been read, between two transactions. Never goes back. */
    StreamPosition offerAt(Lsn received) {
        Place place = Place.before(received);
        offered = position;
        if (liveOnly) {
            if (received.isAfter(position.lsn())) {
                offered = position.at(TopicGroup.LIVE, place);
            }
        } else if (received.isAfter(position.places().lagging().last().commitLsn())) {
            offered = position.readUpTo(place);
        }
        return offered;
    }

    /** Whether a heartbeat is enough to make the lagging topics one with the others again; no change has to arrive. */
    boolean catchesUpAt(Lsn received) {
        return !liveOnly && position.isSplit() && received.isAfter(position.lsn());
    }
}
