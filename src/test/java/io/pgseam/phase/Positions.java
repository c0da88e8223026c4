package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition.Place;

/** Positions for tests, as after changes that have a WAL record each. */
final class Positions {

    private Positions() {}

    /** The place after so many changes of a transaction. */
    static Place place(Lsn commitLsn, long changes) {
        return changes == 0
                ? Place.before(commitLsn)
                : new Place(new ChangeId(commitLsn, new Lsn(changes), 0), 4 * changes);
    }

    /** The position after so many changes of a transaction. */
    static StreamPosition at(Lsn commitLsn, long changes, int caughtUp, int seam) {
        StreamPosition start = StreamPosition.before(commitLsn, caughtUp, seam);
        return changes == 0 ? start : start.at(TopicGroup.LIVE, place(commitLsn, changes));
    }

    /** A position after which nothing is streamed. */
    static StreamPosition ended(Lsn lsn, int caughtUp, int seam) {
        StreamPosition position = StreamPosition.before(lsn, caughtUp, seam);
        return new StreamPosition(position.places(), caughtUp, seam, StreamPosition.End.AFTER_SEAM, Timeline.UNKNOWN);
    }
}
