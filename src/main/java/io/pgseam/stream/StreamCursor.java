package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.EventCounts;
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
    private final Sent sent;

    /** The group whose changes are sent; null for all changes. */
    private @Nullable TopicGroup only;

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
        this(new Sent(liveOnly ? from.split() : from), liveTopics, liveOnly ? TopicGroup.LIVE : null);
    }

    private StreamCursor(Sent sent, Set<String> liveTopics, @Nullable TopicGroup only) {
        this.sent = sent;
        this.liveTopics = liveTopics;
        this.only = only;
        this.offered = sent.position;
    }

    /**
     * Where the stream is with the last record that the sink took; Kafka need not have it yet. Two readings of the slot may share it: each
     * moves the place of its own group, and every record has both places.
     */
    private static final class Sent {
        private StreamPosition position;

        private Sent(StreamPosition position) {
            this.position = position;
        }
    }

    /** A cursor for a second reading of the slot, which sends what the lagging topics miss. Both have the same position. */
    StreamCursor forLagging() {
        return new StreamCursor(sent, liveTopics, TopicGroup.LAGGING);
    }

    StreamPosition position() {
        return sent.position;
    }

    /** What comes from here on is read on this timeline. */
    void onTimeline(Timeline timeline) {
        sent.position = sent.position.onTimeline(timeline);
    }

    /** Whether only changes of the live topics are sent. */
    boolean isForLive() {
        return only == TopicGroup.LIVE;
    }

    /** From here on the changes of all topics are sent. The slot has to be read from where the lagging ones are. */
    void sendAll() {
        only = null;
    }

    /** Both readings have sent everything up to the same place: from here on this one sends the changes of all topics. */
    void join() {
        only = null;
        sent.position = sent.position.together();
        offered = sent.position;
        sayJoined();
    }

    private void sayJoined() {
        LOG.info(
                "The newly copied topics have caught up at LSN {}; all topics share one position again",
                sent.position.lsn());
    }

    /** Everything committed before an LSN is sent in the lagging topics; between two transactions. Never goes back. */
    void laggingReadTo(Lsn lsn) {
        if (lsn.isAfter(sent.position.places().lagging().last().commitLsn())) {
            sent.position = sent.position.at(TopicGroup.LAGGING, Place.before(lsn));
        }
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
        startBehind(sent.position.place(TopicGroup.LIVE));
        startBehind(sent.position.place(TopicGroup.LAGGING));
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
        return sent.position.isSplit();
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
        return isStreamed(of) && !sent.position.covers(wanted, of);
    }

    /** The records that are made next are of this topic. */
    void select(@Nullable String topic) {
        group = groupOf(topic);
    }

    private boolean isStreamed(TopicGroup of) {
        return only == null || of == only;
    }

    private TopicGroup groupOf(@Nullable String topic) {
        return topic == null || liveTopics.contains(topic) ? TopicGroup.LIVE : TopicGroup.LAGGING;
    }

    /** The records of the change at hand are made from the first on, perhaps once more. */
    void makeRecords() {
        offered = sent.position;
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
        long stored = sent.position.countedRecords(commitLsn(), group);
        return stored == 0 || counted.merge(group, 1L, Long::sum) > stored;
    }

    /** Where the stream is once all records of the change at hand are taken. */
    StreamPosition offer() {
        Place place = new Place(change, numbers);
        StreamPosition reached = offered.at(group, place);
        offered = only == null ? reached.readUpTo(place) : reached;
        return offered;
    }

    /** Counts one more event of the transaction, of which the position speaks from the change at hand on. */
    EventCounts countEvent(String collection) {
        EventCounts counts = offered.events().with(commitLsn(), collection);
        offered = offered.counting(counts);
        return counts;
    }

    /** Where the stream is once the record of the transaction's end is taken. */
    StreamPosition offerEnd() {
        change = ChangeId.endOf(commitLsn());
        makeRecords();
        select(null);
        offered = offer().counting(EventCounts.NONE);
        return offered;
    }

    /** Whether changes of the live topics are sent. */
    boolean streamsLive() {
        return isStreamed(TopicGroup.LIVE);
    }

    /**
     * The next change of the transaction is a message. The record of a change may begin where that of a message ends. So the name of a message has
     * an LSN within its record, and changes have the same names with messages and without. If the change is of another subtransaction, the server
     * may send it before the message; then the LSN is one within the record of the change.
     *
     * @param end LSN of the end of its WAL record
     */
    void nextMessage(Lsn end) {
        Lsn before = change.recordLsn();
        next(new Lsn(before.isBefore(end) ? end.value() - 1 : before.value() + 1), 0);
    }

    /**
     * The name of what is between two transactions.
     *
     * @param end LSN of the end of its WAL record; another transaction may commit there
     */
    static ChangeId between(Lsn end) {
        return ChangeId.startOf(end);
    }

    /** The record of a message is made, which is of no topic that may lag behind. */
    void beginMessage() {
        makeRecords();
        select(null);
    }

    /**
     * Where the stream is once the record of a message is taken, for which {@link #beginMessage} was called, and which is of no topic that may lag behind.
     *
     * @param message the change at hand, which is a message; or the name of a message {@link #between} two transactions
     */
    StreamPosition offer(ChangeId message) {
        return message.isStart() ? offerAt(message.commitLsn()) : offer();
    }

    /**
     * Where the stream is once the answer to a signal is taken.
     *
     * @param signal as for {@link #offer(ChangeId)}
     * @param requests the copies that are asked for from there on
     */
    StreamPosition offer(ChangeId signal, CopyRequests requests) {
        beginMessage();
        offered = offer(signal).requesting(requests);
        return offered;
    }

    /** The sink has taken what was offered. */
    void taken() {
        boolean joined = sent.position.isSplit() && !offered.isSplit();
        sent.position = offered;
        if (joined) {
            sayJoined();
        }
    }

    /** Where the stream is once everything committed before an LSN has been read, between two transactions. Never goes back. */
    StreamPosition offerAt(Lsn received) {
        StreamPosition position = sent.position;
        Place place = Place.before(received);
        offered = position;
        if (only == TopicGroup.LIVE) {
            if (received.isAfter(position.lsn())) {
                offered = position.at(TopicGroup.LIVE, place);
            }
        } else if (received.isAfter(position.places().lagging().last().commitLsn())) {
            offered = position.readUpTo(place);
        }
        return offered;
    }

    /** The same, with the copies that signals ask for from there on. */
    StreamPosition offerAt(Lsn received, CopyRequests requests) {
        offered = offerAt(received).requesting(requests);
        return offered;
    }

    /** Whether a heartbeat is enough to make the lagging topics one with the others again; no change has to arrive. */
    boolean catchesUpAt(Lsn received) {
        return only == null && sent.position.isSplit() && received.isAfter(sent.position.lsn());
    }
}
