package io.pgseam.phase;

import io.pgseam.pg.Lsn;

/**
 * Where the stream is to end, by the setting {@code stream.end.lsn}: what is committed before is streamed, and nothing that is
 * committed at it or later.
 *
 * @param lsn compared with the LSNs of commits, so that no transaction is cut
 */
public record StreamEnd(Lsn lsn) {

    private static final String WAYS_ON = " Set a later stream.end.lsn, or remove it";

    /** Whether the stream has come to this end, and says so in the ledger. */
    public boolean isReachedBy(StreamPosition position) {
        return position.endReached() && position.lsn().equals(lsn);
    }

    /** Whether something that was committed at this end or after it may be in Kafka, or is shown by copied rows. */
    public boolean isPassedBy(StreamPosition position) {
        return position.isPast(lsn);
    }

    /** What to say where {@link #isPassedBy} holds. */
    public String passed(StreamPosition position) {
        return "stream.end.lsn " + lsn + " lies before " + position.lsn()
                + ", up to which changes are committed to Kafka already: they cannot be taken back." + WAYS_ON;
    }

    /** What to say where the rows of an anchor are of a later time than this end. */
    String isBefore(Anchor anchor) {
        return "stream.end.lsn " + lsn + " lies before " + anchor
                + ": rows that are copied there show what was committed after the end, too." + WAYS_ON;
    }

    /**
     * What to say where an anchor has to be opened, and the server is past this end already.
     *
     * @param reason why it has to be opened
     */
    String noAnchorBefore(Lsn serverLsn, String reason) {
        return "the server is at " + serverLsn + ", which is not before stream.end.lsn " + lsn
                + ", and tables can only be copied as they are now (" + reason
                + "): rows would show what was committed after the end, too." + WAYS_ON;
    }
}
