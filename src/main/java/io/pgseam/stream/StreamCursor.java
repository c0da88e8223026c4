package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the stream stands, and which of the changes that are read Kafka has already. Numbers the records of a transaction.
 *
 * <p>Where the stream has parted, because rows are copied to some topics while the others go on, the two groups stand at two
 * places and are numbered apart: a change of the one that is passed over must not move the numbers of the other, whose changes
 * are gone through again later. They join at an LSN that is fixed before the topics that join are streamed.
 *
 * <p>Used by the thread that reads the slot.
 */
final class StreamCursor {

    private static final Logger LOG = LoggerFactory.getLogger(StreamCursor.class);

    private final Set<String> goingOn;
    private final boolean besideCopy;

    /** Where the stream stands with the last record that the sink took; Kafka need not have it yet. */
    private StreamPosition position;

    /** Where it stands once the sink takes the record at hand. */
    private StreamPosition offered;

    private Lsn commitLsn = Lsn.NONE;
    private long made;
    private long madeByJoining;
    private long markedMade;
    private long markedMadeByJoining;

    /** Whether the change at hand is of a topic that joins the others. */
    private boolean joining;

    /**
     * @param from what is committed
     * @param goingOn while the stream has parted: the topics that go on. Every other one joins them
     * @param besideCopy whether rows are being copied to the other topics, so that they stay where they are
     */
    StreamCursor(StreamPosition from, Set<String> goingOn, boolean besideCopy) {
        this.goingOn = goingOn;
        this.besideCopy = besideCopy;
        this.position = besideCopy ? from.parted() : from;
        this.offered = position;
    }

    StreamPosition position() {
        return position;
    }

    /** What comes from here on is read on this timeline of the server. */
    void onTimeline(int timeline) {
        position = position.onTimeline(timeline);
    }

    /** A transaction begins. */
    void begin(Lsn lsn) {
        commitLsn = lsn;
        made = 0;
        madeByJoining = 0;
        joining = false;
        if (!besideCopy && position.isJoinedBy(lsn)) {
            moveTo(position.joinedAt(lsn));
        }
    }

    /** Commit LSN of the transaction at hand. */
    Lsn commitLsn() {
        return commitLsn;
    }

    /** Whether Kafka has every change of a transaction, in every topic. */
    boolean isBehind(Lsn committed) {
        return committed.isBefore(position.readFrom());
    }

    /** Whether some topics stand at another place than the others, so that it has to be said which one a change is of. */
    boolean isParted() {
        return position.isParted();
    }

    /** The change at hand is of this topic. */
    void select(String topic) {
        joining = position.isParted() && !goingOn.contains(topic);
    }

    /**
     * Whether changes of a transaction have to be looked at, where the stream has parted: Kafka need not have all of them.
     *
     * @param topic the topic that they go to
     * @param committed where the transaction commits, which may be one that is still to begin
     */
    boolean wants(String topic, Lsn committed) {
        boolean joins = !goingOn.contains(topic);
        return !(joins && besideCopy)
                && !committed.isBefore(position.place(joins).lsn());
    }

    /** Whether the change at hand is of a topic that joins the others. */
    boolean isJoining() {
        return joining;
    }

    /** How many records there are of the transaction at hand so far, in the topics that the one of the change at hand belongs to. */
    long made() {
        return joining ? madeByJoining : made;
    }

    /** Remembers the numbers used so far. */
    void mark() {
        markedMade = made;
        markedMadeByJoining = madeByJoining;
    }

    /** What was made since then is made again. */
    void backToMark() {
        made = markedMade;
        madeByJoining = markedMadeByJoining;
    }

    /** The number of the next record; 0 where Kafka has it already. */
    long next() {
        long number = joining ? ++madeByJoining : ++made;
        return position.covers(commitLsn, number, joining) ? 0 : number;
    }

    /** Where the stream stands once the record of the last number is taken. */
    StreamPosition offer() {
        offered = joining ? position.joiningAt(commitLsn, madeByJoining) : position.at(commitLsn, made);
        return offered;
    }

    /** The sink has taken the record. */
    void taken() {
        moveTo(offered);
    }

    private void moveTo(StreamPosition next) {
        if (position.isParted() && !next.isParted()) {
            LOG.info("The topics that rows were copied to have joined the others at {}", next.lsn());
        }
        position = next;
    }

    /** Where the stream stands once everything before an LSN has been read, between two transactions. */
    StreamPosition offerAt(Lsn received) {
        if (besideCopy) {
            offered = received.isAfter(position.lsn()) ? position.at(received, 0) : position;
        } else {
            offered = position.readUpTo(received);
        }
        return offered;
    }

    /** Whether it takes no change, but only a record that says so, to have the topics join. */
    boolean joinsAt(Lsn received) {
        return !besideCopy && position.isJoinedBy(received);
    }
}
