package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.Begin;
import io.pgseam.pg.pgoutput.Commit;
import io.pgseam.pg.pgoutput.Origin;
import io.pgseam.record.TransactionOrigin;
import org.jspecify.annotations.Nullable;

/**
 * What the server has said of the transaction whose changes are routed, and of the commit before it.
 *
 * <p>Used by the thread that reads the slot.
 */
final class StreamTransaction {

    private Lsn previousEnd = Lsn.NONE;
    private Lsn beginLsn = Lsn.NONE;
    private long commitTimeMicros;
    private long id;
    private @Nullable TransactionOrigin origin;
    private boolean open;

    /** @param at where the server says that it begins */
    void begin(Begin begin, Lsn at) {
        beginLsn = at;
        commitTimeMicros = begin.commitTimeMicros();
        id = begin.xid();
        origin = null;
        open = true;
    }

    void replicatedFrom(Origin from) {
        origin = new TransactionOrigin(from.name(), from.lsn());
    }

    void commit(Commit commit) {
        open = false;
        previousEnd = commit.endLsn();
    }

    /** A message that belongs to no transaction is like a commit of its own, as Debezium has it. */
    void messageBetween(Lsn lsn) {
        previousEnd = lsn;
    }

    /** It was cut off by the loss of the session. */
    void cutOff() {
        open = false;
    }

    /** Whether its changes are being routed. */
    boolean isOpen() {
        return open;
    }

    /** Where the commit before it ends; {@link Lsn#NONE} if unknown. */
    Lsn previousEnd() {
        return previousEnd;
    }

    /** Where the server says that it begins. */
    Lsn beginLsn() {
        return beginLsn;
    }

    /** When it committed, in µs since 1970. */
    long commitTimeMicros() {
        return commitTimeMicros;
    }

    /** Its id: unsigned 32 bits. */
    long id() {
        return id;
    }

    /** Where it was replicated from; null if it was made on this server. */
    @Nullable
    TransactionOrigin origin() {
        return origin;
    }
}
