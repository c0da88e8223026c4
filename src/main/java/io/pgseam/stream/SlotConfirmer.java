package io.pgseam.stream;

import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Confirms to the slot what Kafka has, and tells the server that the reader is alive.
 *
 * <p>Nothing else confirms anything, and it confirms only what it reads from the ledger (invariant I3). Used by the thread that reads the
 * slot, but for {@link #committed()}.
 */
final class SlotConfirmer implements LookupReader.Progress {

    /** So often at most the ledger is read, and a status message sent while something takes its time. */
    private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    private final Ledger ledger;
    private final boolean liveOnly;
    private final CountDownLatch stopped;
    private @Nullable ReplicationSession session;
    private volatile boolean committed;
    private Lsn confirmed;
    private Lsn resumeAt;

    /** A committed position that the router has not been told of. */
    private @Nullable StreamPosition untold;

    private long lastConfirm = System.nanoTime();
    private long lastStatus = System.nanoTime();

    /**
     * @param from what is committed
     * @param liveOnly whether only live topics are streamed: the slot then keeps what the lagging ones need
     * @param stopped is down once the task is to stop
     */
    SlotConfirmer(Ledger ledger, StreamPosition from, boolean liveOnly, CountDownLatch stopped) {
        this.ledger = ledger;
        this.liveOnly = liveOnly;
        this.stopped = stopped;
        this.confirmed = from.readFrom();
        this.resumeAt = resumeAt(from);
    }

    private Lsn resumeAt(StreamPosition position) {
        return liveOnly ? position.lsn() : position.readFrom();
    }

    /** Everything before this LSN is confirmed, or may be. */
    Lsn confirmedLsn() {
        return confirmed;
    }

    /** Where the slot is to be read from. While only live topics are streamed, that is after {@link #confirmedLsn()}. */
    Lsn resumeLsn() {
        return resumeAt;
    }

    /** From now on this session reads the slot. */
    void opened(ReplicationSession open) throws SQLException {
        session = open;
        open.confirm(confirmed);
    }

    /** No session reads the slot any more. */
    void closed() {
        session = null;
    }

    /** Connect has committed offsets: there may be something to confirm. */
    void committed() {
        committed = true;
    }

    /** Confirms what the ledger has: at most once a second, and only after a commit of offsets. */
    void confirm() throws SQLException {
        if (!committed || System.nanoTime() - lastConfirm < INTERVAL_NANOS) {
            return;
        }
        lastConfirm = System.nanoTime();
        committed = false;
        StreamPosition durable = ledger.stream();
        untold = durable;
        if (durable == null) {
            return;
        }
        resumeAt = Lsn.max(resumeAt, resumeAt(durable));
        ReplicationSession open = session;
        if (open != null && durable.readFrom().isAfter(confirmed)) {
            Failpoint.POSITION_DURABLE.pass();
            confirmed = durable.readFrom();
            open.confirm(confirmed);
            Failpoint.POSITION_CONFIRMED.pass();
        }
    }

    /** The committed position, if it was not asked for yet; else null. */
    @Nullable
    StreamPosition takeDurable() {
        StreamPosition durable = untold;
        untold = null;
        return durable;
    }

    /** Something takes its time: tells the server that the reader is alive, or it ends the session (wal_sender_timeout). */
    @Override
    public void goesOn() throws SQLException {
        if (stopped.getCount() == 0) {
            throw new StoppedException();
        }
        askForPosition();
        confirm();
    }

    /**
     * Sends a status message, at most once a second. The server answers with its own position: it says nothing of transactions that hold
     * no published change, so without being asked it can be silent for hours while it reads them.
     */
    void askForPosition() throws SQLException {
        ReplicationSession open = session;
        if (open != null && System.nanoTime() - lastStatus >= INTERVAL_NANOS) {
            lastStatus = System.nanoTime();
            open.sendStatus();
        }
    }
}
