package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far the stream has come: the source offset of change events. The position itself serves as the offset map and is
 * rendered only when Connect writes it, so that an event costs one small object.
 *
 * <p>A change is named by the LSN of its commit and its sequence within the transaction; row LSNs do not name it, since
 * rows written by COPY share one.
 */
public final class StreamPosition extends AbstractMap<String, Object> {

    private final Lsn lsn;
    private final long sequence;
    private final int caughtUp;
    private final int seam;
    private final boolean ended;
    private final boolean endReached;

    /**
     * @param lsn commit LSN of the last change that is in Kafka; everything committed before it is there too
     * @param sequence its number within the transaction, from 1; 0 where nothing of a transaction at {@code lsn} is there
     * @param caughtUp the newest generation whose anchor the stream has reached
     * @param seam the newest generation whose copy is complete; 0 before the first
     * @param ended true when the connector's work is over: nothing is streamed after the seam
     */
    public StreamPosition(Lsn lsn, long sequence, int caughtUp, int seam, boolean ended) {
        this(lsn, sequence, caughtUp, seam, ended, false);
    }

    private StreamPosition(Lsn lsn, long sequence, int caughtUp, int seam, boolean ended, boolean endReached) {
        this.lsn = lsn;
        this.sequence = sequence;
        this.caughtUp = caughtUp;
        this.seam = seam;
        this.ended = ended;
        this.endReached = endReached;
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
                fields.flag("end_reached"));
    }

    /** The same standing, further in the log. */
    public StreamPosition at(Lsn newLsn, long newSequence) {
        return new StreamPosition(newLsn, newSequence, caughtUp, seam, ended);
    }

    /**
     * The same standing at the end that the stream was given: everything committed before it is in Kafka, and the control topic
     * says that nothing follows.
     */
    public StreamPosition atEnd(StreamEnd end) {
        return new StreamPosition(end.lsn(), 0, caughtUp, seam, ended, true);
    }

    /** Whether a change is at or before this position, so that Kafka has it. */
    public boolean covers(Lsn commitLsn, long changeSequence) {
        int order = commitLsn.compareTo(lsn);
        return order < 0 || (order == 0 && changeSequence <= sequence);
    }

    /** Whether the change here is made before a shape of its table begins. */
    public boolean isAtOrBefore(ShapeHistory.Version version) {
        int order = lsn.compareTo(version.lsn());
        return order < 0 || (order == 0 && sequence <= version.sequence());
    }

    /**
     * Whether everything that was committed before this anchor is in Kafka. Its number alone does not say so: a task of an
     * earlier leader may have caught up with another anchor of the same number, which stood earlier in the log.
     */
    public boolean hasReached(Anchor anchor) {
        return caughtUp >= anchor.generation() && !lsn.isBefore(anchor.lsn());
    }

    /** Whether a change that was committed at or after this anchor is in Kafka. */
    public boolean isPast(Anchor anchor) {
        return covers(anchor.lsn(), 1);
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
                        endReached ? true : null)
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
                    && endReached == position.endReached;
        }
        return super.equals(other);
    }

    /** Cheaper than a map's hash: Connect hashes every record's offset. Only equal positions need equal hashes here. */
    @Override
    public int hashCode() {
        return Long.hashCode(lsn.value() * 31 + sequence) * 31 + seam;
    }

    @Override
    public String toString() {
        return "(" + lsn + ", " + sequence + ")";
    }
}
