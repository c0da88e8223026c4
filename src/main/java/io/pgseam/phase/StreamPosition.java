package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far the stream has come: the source offset of change events. The position itself serves as the offset map and is
 * rendered only when Connect writes it, so that an event costs one small object.
 *
 * <p>A change is named by the LSN of its commit and its sequence within the transaction; row LSNs do not name it, since
 * rows written by COPY share one.
 *
 * <p>While rows are copied to some topics and the others go on, there are two places: that of the topics that go on, which the
 * position is named by, and that of the topics that join them later. The changes of a transaction are numbered for each of the
 * two, up to an LSN that is fixed before the topics that join are streamed: so that a change has the same number each time.
 */
public final class StreamPosition extends AbstractMap<String, Object> {

    private final Lsn lsn;
    private final long sequence;
    private final int caughtUp;
    private final int seam;
    private final boolean ended;
    private final boolean endReached;
    private final int timeline;

    /** Where the topics stand that rows are copied to; null where every topic stands at the same place. */
    private final @Nullable Place joining;

    /** The LSN from which on all topics are streamed as one again; null where that is not fixed yet, or where they are. */
    private final @Nullable Lsn joinsAt;

    /**
     * A place of the stream.
     *
     * @param lsn commit LSN of the last change that is in Kafka
     * @param sequence its number within the transaction; 0 where nothing of a transaction at {@code lsn} is there
     */
    public record Place(Lsn lsn, long sequence) {}

    /**
     * @param lsn commit LSN of the last change that is in Kafka; everything committed before it is there too
     * @param sequence its number within the transaction, from 1; 0 where nothing of a transaction at {@code lsn} is there
     * @param caughtUp the newest generation whose anchor the stream has reached
     * @param seam the newest generation whose copy is complete; 0 before the first
     * @param ended true when the connector's work is over: nothing is streamed after the seam
     */
    public StreamPosition(Lsn lsn, long sequence, int caughtUp, int seam, boolean ended) {
        this(lsn, sequence, caughtUp, seam, ended, false, null, null, 0);
    }

    private StreamPosition(
            Lsn lsn,
            long sequence,
            int caughtUp,
            int seam,
            boolean ended,
            boolean endReached,
            @Nullable Place joining,
            @Nullable Lsn joinsAt,
            int timeline) {
        this.lsn = lsn;
        this.sequence = sequence;
        this.caughtUp = caughtUp;
        this.seam = seam;
        this.ended = ended;
        this.endReached = endReached;
        this.joining = joining;
        this.joinsAt = joinsAt;
        this.timeline = timeline;
    }

    /** The source partition of the stream. */
    public static Map<String, Object> sourcePartition(String server) {
        return LedgerMap.of("server", server);
    }

    /**
     * Reads a source offset as Connect stored it; null where there is none.
     *
     * @throws IllegalStateException where the offset is not one of pgseam's, for example Debezium's, left under the same
     *     connector name
     */
    public static @Nullable StreamPosition fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null) {
            return null;
        }
        OffsetFields fields = new OffsetFields(offset);
        return new StreamPosition(
                fields.lsn("lsn"),
                fields.number("seq"),
                fields.integer("caught_up"),
                fields.integer("seam"),
                fields.flag("ended"),
                fields.flag("end_reached"),
                fields.has("joining_lsn") ? new Place(fields.lsn("joining_lsn"), fields.number("joining_seq")) : null,
                fields.has("joins_at") ? fields.lsn("joins_at") : null,
                (int) fields.numberOr("timeline", 0));
    }

    /** The same standing, further in the log; topics that join later stay where they are. */
    public StreamPosition at(Lsn newLsn, long newSequence) {
        return at(newLsn, newSequence, joining);
    }

    private StreamPosition at(Lsn newLsn, long newSequence, @Nullable Place newJoining) {
        return new StreamPosition(newLsn, newSequence, caughtUp, seam, ended, false, newJoining, joinsAt, timeline);
    }

    /** The same, in which the topics that join the others are further in the log. */
    public StreamPosition joiningAt(Lsn newLsn, long newSequence) {
        return at(lsn, sequence, new Place(newLsn, newSequence));
    }

    /** The same place, at which some topics stay and the others go on from here. */
    public StreamPosition parted() {
        return joining == null ? joiningAt(lsn, sequence) : this;
    }

    /**
     * The same, in which it is fixed where the topics join.
     *
     * @param newJoinsAt nothing that was committed here or later has been sent
     */
    public StreamPosition thatJoinsAt(Lsn newJoinsAt) {
        return new StreamPosition(lsn, sequence, caughtUp, seam, ended, endReached, joining, newJoinsAt, timeline);
    }

    /**
     * Every topic at this one place.
     *
     * @param newLsn nothing that is committed here or later is in Kafka, and everything before is
     */
    public StreamPosition joinedAt(Lsn newLsn) {
        return new StreamPosition(newLsn, 0, caughtUp, seam, ended, false, null, null, timeline);
    }

    /**
     * The place after everything that was committed before an LSN has been read, between two transactions. Where it is not after
     * this one, this one.
     */
    public StreamPosition readUpTo(Lsn received) {
        if (isJoinedBy(received)) {
            return joinedAt(received);
        }
        StreamPosition reached = received.isAfter(lsn) ? at(received, 0) : this;
        return joining != null && received.isAfter(joining.lsn()) ? reached.joiningAt(received, 0) : reached;
    }

    /** Whether topics that stand at two places join, once everything that was committed before an LSN has been read. */
    public boolean isJoinedBy(Lsn received) {
        return joinsAt != null && !received.isBefore(joinsAt);
    }

    /**
     * The seam of an anchor that the stream has reached.
     *
     * @param before the committed position; null where nothing is streamed yet
     * @param ends whether nothing is streamed after it
     */
    public static StreamPosition atSeam(@Nullable StreamPosition before, Anchor anchor, boolean ends) {
        int generation = anchor.generation();
        if (before == null || before.lsn.isBefore(anchor.lsn())) {
            int timeline = before == null ? 0 : before.timeline;
            return new StreamPosition(anchor.lsn(), 0, generation, generation, ends, false, null, null, timeline);
        }
        return new StreamPosition(
                before.lsn,
                before.sequence,
                generation,
                generation,
                ends,
                false,
                before.joining,
                before.joinsAt,
                before.timeline);
    }

    /** The same position, read on another timeline of the server. */
    public StreamPosition onTimeline(int newTimeline) {
        return new StreamPosition(lsn, sequence, caughtUp, seam, ended, endReached, joining, joinsAt, newTimeline);
    }

    /**
     * The same standing at the end that the stream was given: everything committed before it is in Kafka, and the control topic
     * says that nothing follows.
     */
    public StreamPosition atEnd(StreamEnd end) {
        return new StreamPosition(end.lsn(), 0, caughtUp, seam, ended, true, null, null, timeline);
    }

    /**
     * Whether a change is at or before this position, so that Kafka has it.
     *
     * @param joins whether its topic is one of those that join the others
     */
    public boolean covers(Lsn commitLsn, long changeSequence, boolean joins) {
        return (joins && joining != null)
                ? isUpTo(commitLsn, changeSequence, joining.lsn(), joining.sequence())
                : covers(commitLsn, changeSequence);
    }

    /** Whether a change is at or before this position, so that Kafka has it. */
    public boolean covers(Lsn commitLsn, long changeSequence) {
        return isUpTo(commitLsn, changeSequence, lsn, sequence);
    }

    private static boolean isUpTo(Lsn lsn, long sequence, Lsn limit, long lastSequence) {
        int order = lsn.compareTo(limit);
        return order < 0 || (order == 0 && sequence <= lastSequence);
    }

    /**
     * Whether the place here is before the first change of a shape.
     *
     * @param joins whether the table's topic is one of those that join the others
     */
    public boolean isAtOrBefore(ShapeHistory.Version version, boolean joins) {
        Place place = place(joins);
        return isUpTo(place.lsn(), place.sequence(), version.lsn(), version.sequence());
    }

    /**
     * Where a topic stands.
     *
     * @param joins whether it is one of those that join the others
     */
    public Place place(boolean joins) {
        return (joins && joining != null) ? joining : new Place(lsn, sequence);
    }

    /** Whether some topics stand at another place than the others. */
    public boolean isParted() {
        return joining != null;
    }

    /** The LSN before which every change of every topic is in Kafka: the slot has to be read from there. */
    public Lsn readFrom() {
        return joining == null || lsn.isBefore(joining.lsn()) ? lsn : joining.lsn();
    }

    /**
     * Whether everything that was committed before this anchor is in Kafka. Its number alone does not say so: a task of an
     * earlier leader may have caught up with another anchor of the same number, which stood earlier in the log.
     */
    public boolean hasReached(Anchor anchor) {
        return caughtUp >= anchor.generation() && !readFrom().isBefore(anchor.lsn());
    }

    /**
     * Whether a change that was committed at or after this anchor is in Kafka, in a topic that rows of it may still be copied to.
     */
    public boolean isPast(Anchor anchor) {
        return !waitsAt(anchor) && covers(anchor.lsn(), 1);
    }

    /** Whether the topics that rows of this anchor are copied to wait there, while the others go on. */
    private boolean waitsAt(Anchor anchor) {
        return joining != null
                && caughtUp == anchor.generation()
                && joining.lsn().equals(anchor.lsn())
                && joining.sequence() == 0;
    }

    public Lsn lsn() {
        return lsn;
    }

    public long sequence() {
        return sequence;
    }

    public int caughtUp() {
        return caughtUp;
    }

    public int seam() {
        return seam;
    }

    public boolean ended() {
        return ended;
    }

    /** Whether the stream has ended here because it was told to. It may be told to go on, and then is again as any other. */
    public boolean endReached() {
        return endReached;
    }

    /** The server's timeline that the stream was read on; 0 where it is not known. LSNs of two timelines may mean two things. */
    public int timeline() {
        return timeline;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return LedgerMap.of(
                        "lsn",
                        lsn.toString(),
                        "seq",
                        sequence,
                        "caught_up",
                        (long) caughtUp,
                        "seam",
                        (long) seam,
                        "ended",
                        ended ? true : null,
                        "end_reached",
                        endReached ? true : null,
                        "joining_lsn",
                        joining == null ? null : joining.lsn().toString(),
                        "joining_seq",
                        joining == null ? null : joining.sequence(),
                        "joins_at",
                        joinsAt == null ? null : joinsAt.toString(),
                        "timeline",
                        timeline == 0 ? null : (long) timeline)
                .entrySet();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (other instanceof StreamPosition position) {
            return lsn.equals(position.lsn)
                    && sequence == position.sequence
                    && caughtUp == position.caughtUp
                    && seam == position.seam
                    && ended == position.ended
                    && endReached == position.endReached
                    && Objects.equals(joining, position.joining)
                    && Objects.equals(joinsAt, position.joinsAt)
                    && timeline == position.timeline;
        }
        return super.equals(other);
    }

    /** Cheaper than a map's hash: Connect hashes every record's offset. Only equal positions need equal hashes here. */
    @Override
    public int hashCode() {
        long place = joining == null ? 0 : joining.lsn().value() * 31 + joining.sequence();
        return Long.hashCode((place * 31 + lsn.value()) * 31 + sequence) * 31 + seam;
    }

    @Override
    public String toString() {
        String place = "(" + lsn + ", " + sequence + ")";
        return joining == null
                ? place
                : place + ", joined later from (" + joining.lsn() + ", " + joining.sequence() + ")";
    }
}
