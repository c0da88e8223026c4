package io.pgseam.pg.pgoutput;

import io.pgseam.pg.Lsn;

/**
 * A transaction is complete.
 *
 * @param commitLsn where its commit record begins: as in its {@link Begin}
 * @param endLsn where its commit record ends: the position to confirm once the whole transaction is durable (I3)
 * @param commitTimeMicros when it was committed, in µs since 1970-01-01 00:00 UTC
 */
public record Commit(Lsn commitLsn, Lsn endLsn, long commitTimeMicros) implements Message {

    static final byte TYPE = 'C';

    static Commit decode(MessageCursor cursor) {
        cursor.readFlags(0, "the flags of a commit");
        return new Commit(
                cursor.readLsn("the commit LSN"),
                cursor.readLsn("the end LSN"),
                cursor.readTimestampMicros("the commit time"));
    }
}
