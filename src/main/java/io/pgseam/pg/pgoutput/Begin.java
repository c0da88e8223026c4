package io.pgseam.pg.pgoutput;

import io.pgseam.pg.Lsn;

/**
 * A transaction begins; its changes follow, all of them, and then its {@link Commit}.
 *
 * @param commitLsn where its commit record begins (the "final LSN"): the LSN that names every change in it
 * @param commitTimeMicros when it was committed, in µs since 1970-01-01 00:00 UTC
 * @param xid its transaction id, unsigned 32 bits
 */
public record Begin(Lsn commitLsn, long commitTimeMicros, long xid) implements Message {

    static final byte TYPE = 'B';

    static Begin decode(MessageCursor cursor) {
        return new Begin(
                cursor.readLsn("the final LSN"),
                cursor.readTimestampMicros("the commit time"),
                cursor.readUnsignedInt("the transaction id"));
    }
}
