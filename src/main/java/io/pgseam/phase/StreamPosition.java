package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition.Places.Split;
import io.pgseam.phase.StreamPosition.Places.Together;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the stream is: which changes Kafka has. Stored as the source offset of change records.
 *
 * <p>While rows are copied to some topics and the others keep streaming, the topics are in two groups with a place each. The changes
 * have the same names in both, so the groups become one again as soon as the lagging one has reached the live one.
 *
 * @param places where the topics are
 * @param caughtUp the newest generation whose anchor the stream has reached
 * @param seam the newest generation whose copy is complete; 0 before the first
 * @param end whether the stream has ended here
 * @param timeline the server and its timeline that the stream was read on
 * @param requests the copies that signals before this position asked for and that are not complete
 * @param events what is sent of the transaction of the last change in the live topics, if events are counted
 */
public record StreamPosition(
        Places places, int caughtUp, int seam, End end, Timeline timeline, CopyRequests requests, EventCounts events) {

    /** A position before which no signal asked for a copy. */
    public StreamPosition(Places places, int caughtUp, int seam, End end, Timeline timeline) {
        this(places, caughtUp, seam, end, timeline, CopyRequests.NONE, EventCounts.NONE);
    }

    /** Whether and why nothing follows. */
    public enum End {
        /** The stream continues. */
        NONE,
        /** Nothing is streamed after the seam: the connector's work is over. */
        AFTER_SEAM,
        /** The stream has come to the LSN where it was told to end. It may be told to continue. */
        AT_END_LSN
    }

    /**
     * Where topics are.
     *
     * @param last the last change that Kafka has, or the place before the first change of a transaction
     * @param sequence a number that no {@code __seq} of the transaction exceeds up to here; 0 if Kafka has no change of it
     */
    public record Place(ChangeId last, long sequence) {

        /** Everything committed before this LSN is in Kafka, and nothing committed at it or later. */
        public static Place before(Lsn commitLsn) {
            return new Place(ChangeId.startOf(commitLsn), 0);
        }

        Lsn commitLsn() {
            return last.commitLsn();
        }

        /** Whether Kafka may have a change that was committed at this LSN or later. */
        boolean isPast(Lsn lsn) {
            return commitLsn().isAfter(lsn) || (commitLsn().equals(lsn) && sequence > 0);
        }

        /**
         * Whether this place is of an offset that an earlier release stored in mid-transaction. It does not name a change: it says how many
         * records of captured tables the transaction gave up to there, and they have to be counted the same way to find it.
         */
        boolean isCounted() {
            return last.isStart() && sequence > 0;
        }

        /** Whether everything up to here is in Kafka once everything up to another place is. */
        private boolean isReachedBy(Place other) {
            return isCounted() ? commitLsn().isBefore(other.commitLsn()) : last.compareTo(other.last) <= 0;
        }

        @Override
        public String toString() {
            return isCounted() ? "record " + sequence + " of " + last : last.toString();
        }
    }

    /** Where the topics are: all at one place, or in two groups. */
    public sealed interface Places {

        /** The place of the topics that stream. */
        Place live();

        /** The place of the topics that wait for the copy, or catch up after it. */
        Place lagging();

        /** All topics at one place. */
        record Together(Place at) implements Places {
            @Override
            public Place live() {
                return at;
            }

            @Override
            public Place lagging() {
                return at;
            }
        }

        /** Some topics lag behind the others. */
        record Split(Place live, Place lagging) implements Places {}
    }

    /** Everything committed before an LSN is in Kafka, and nothing committed at it or later. */
    public static StreamPosition before(Lsn lsn, int caughtUp, int seam) {
        return new StreamPosition(new Together(Place.before(lsn)), caughtUp, seam, End.NONE, Timeline.UNKNOWN);
    }

    /**
     * The seam of an anchor that the stream has reached.
     *
     * @param before the committed position; null if nothing is streamed yet
     * @param ends whether nothing is streamed after it
     */
    public static StreamPosition atSeam(@Nullable StreamPosition before, Anchor anchor, boolean ends) {
        int generation = anchor.generation();
        Places places = before == null || before.lsn().isBefore(anchor.lsn())
                ? new Together(Place.before(anchor.lsn()))
                : before.places;
        return new StreamPosition(
                places,
                generation,
                generation,
                ends ? End.AFTER_SEAM : End.NONE,
                before == null ? Timeline.UNKNOWN : before.timeline,
                before == null ? CopyRequests.NONE : before.requests,
                before == null ? EventCounts.NONE : before.events);
    }

    /** The source partition of the stream. */
    public static Map<String, Object> sourcePartition(String server) {
        return LedgerMap.of("server", server);
    }

    private StreamPosition at(Places newPlaces) {
        return new StreamPosition(
                newPlaces,
                caughtUp,
                seam,
                end == End.AT_END_LSN ? End.NONE : end,
                timeline,
                requests,
                events.isOf(newPlaces.live().commitLsn()) ? events : EventCounts.NONE);
    }

    /** This place, from which only some topics stream while the others stay. */
    public StreamPosition split() {
        return at(new Split(places.live(), places.lagging()));
    }

    /**
     * This place, beside which rows of new tables are copied at an anchor: their topics lag at the anchor, wherever the others are. To be used
     * only if no change of these tables that was committed at the anchor or later is in Kafka, and the slot has all of them.
     */
    public StreamPosition splitAt(Anchor anchor) {
        return new StreamPosition(
                new Split(places.live(), Place.before(anchor.lsn())),
                anchor.generation(),
                seam,
                End.NONE,
                timeline,
                requests,
                events);
    }

    /** The topics of one group are further in the log; all topics, unless some lag behind. */
    public StreamPosition at(TopicGroup group, Place place) {
        if (!isSplit()) {
            return at(new Together(place));
        }
        return at(group == TopicGroup.LIVE ? new Split(place, places.lagging()) : new Split(places.live(), place));
    }

    /**
     * Everything up to a place has been read, in all topics, from the lagging ones' place on. Lagging topics that have reached the live
     * ones are no longer apart from them.
     */
    public StreamPosition readUpTo(Place place) {
        if (!isSplit()) {
            return at(new Together(place));
        }
        Place lagging = places.lagging().isReachedBy(place) ? place : places.lagging();
        return at(
                lagging.equals(place) && live().isReachedBy(place) ? new Together(place) : new Split(live(), lagging));
    }

    /**
     * All topics at one place again, the later of the two. To be used only if everything up to there has been read in both groups, each by a
     * reading of its own.
     */
    public StreamPosition together() {
        Place live = places.live();
        Place lagging = places.lagging();
        return at(new Together(lagging.isReachedBy(live) ? live : lagging));
    }

    /** The same position, read on another timeline. */
    public StreamPosition onTimeline(Timeline newTimeline) {
        return new StreamPosition(places, caughtUp, seam, end, newTimeline, requests, events);
    }

    /** The same position, at which these copies are asked for and not complete. */
    public StreamPosition requesting(CopyRequests asked) {
        return new StreamPosition(places, caughtUp, seam, end, timeline, asked, events);
    }

    /** The same position, with these events of the transaction at hand. */
    public StreamPosition counting(EventCounts counts) {
        return new StreamPosition(places, caughtUp, seam, end, timeline, requests, counts);
    }

    /** The position at a slot that was created again, also by another cluster: everything before it counts as being in Kafka. */
    public StreamPosition continuedAt(Lsn lsn) {
        return before(lsn, caughtUp, seam).requesting(requests);
    }

    /** The end that the stream was given: everything committed before it is in Kafka, and the control topic says that nothing follows. */
    public StreamPosition atEnd(StreamEnd streamEnd) {
        return new StreamPosition(
                new Together(Place.before(streamEnd.lsn())),
                caughtUp,
                seam,
                End.AT_END_LSN,
                timeline,
                requests,
                EventCounts.NONE);
    }

    /** Whether Kafka has a change in the topics of this group. */
    public boolean covers(ChangeId change, TopicGroup group) {
        return place(group).last().compareTo(change) >= 0;
    }

    /**
     * The number of the last record of a transaction that Kafka has in the topics of this group, as an earlier release counted them; 0 if
     * the position names a change instead, or is not within this transaction.
     */
    public long countedRecords(Lsn commitLsn, TopicGroup group) {
        Place place = place(group);
        return place.isCounted() && place.commitLsn().equals(commitLsn) ? place.sequence() : 0;
    }

    /** Where the topics of a group are. */
    public Place place(TopicGroup group) {
        return group == TopicGroup.LIVE ? places.live() : places.lagging();
    }

    /** Where the live topics are; all topics, unless some lag behind. */
    public Place live() {
        return places.live();
    }

    /** Whether some topics lag behind the others. */
    public boolean isSplit() {
        return places instanceof Split;
    }

    /** The LSN before which every change of every topic is in Kafka: the slot has to be read from there. */
    public Lsn readFrom() {
        Lsn lagging = places.lagging().commitLsn();
        return lsn().isBefore(lagging) ? lsn() : lagging;
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
        return !waitsAt(anchor) && isPast(anchor.lsn());
    }

    /** Whether Kafka may have a change that was committed at this LSN or later. */
    public boolean isPast(Lsn lsn) {
        return live().isPast(lsn);
    }

    /** Whether the topics that rows of this anchor are copied to wait there, while the others stream. */
    public boolean waitsAt(Anchor anchor) {
        return isSplit() && caughtUp == anchor.generation() && places.lagging().equals(Place.before(anchor.lsn()));
    }

    /** Commit LSN of the last change in the live topics. */
    public Lsn lsn() {
        return live().commitLsn();
    }

    /** Whether the connector's work is over: nothing is streamed after the seam. */
    public boolean ended() {
        return end == End.AFTER_SEAM;
    }

    /** Whether the stream has ended here because it was told to. It may be told to continue, and then is again as any other. */
    public boolean endReached() {
        return end == End.AT_END_LSN;
    }

    /** This position as a source offset. */
    public StreamOffset toSourceOffset() {
        return new StreamOffset(this, null);
    }

    /**
     * Reads a source offset as Connect stored it; null if there is none.
     *
     * @throws IllegalStateException if the offset is not one of pgseam's, for example Debezium's, left under the same
     *     connector name
     */
    public static @Nullable StreamPosition fromSourceOffset(@Nullable Map<String, ?> offset) {
        return offset == null ? null : StreamOffsetFields.read(new OffsetFields(offset));
    }

    Map<String, Object> fields() {
        return StreamOffsetFields.write(this);
    }

    @Override
    public String toString() {
        return isSplit() ? live() + ", lagging topics at " + places.lagging() : live().toString();
    }
}
