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

    /** No LSN is later. */
    private static final Lsn LAST = new Lsn(-1);

    private final Ledger ledger;
    private boolean liveOnly;
    private final Lsn most;
    private final boolean keepsAll;
    private final StreamMetrics metrics;
    private final CountDownLatch stopped;
    private @Nullable ReplicationSession session;
    private volatile boolean committed;
    private Lsn confirmed;
    private Lsn live;
    private Lsn readFrom;

    /** A committed position that the router has not been told of. */
    private @Nullable StreamPosition untold;

    private long lastConfirm = System.nanoTime();
    private long lastStatus = System.nanoTime();

    /**
     * @param from what is committed
     * @param liveOnly whether the session that reads the slot is for the live topics only: the slot then keeps what the lagging ones need
     * @param most nothing beyond it is confirmed, whatever is committed; null for no such limit; {@link Lsn#NONE} if nothing at all is confirmed
     * @param stopped is down once the task is to stop
     */
    SlotConfirmer(
            Ledger ledger,
            StreamPosition from,
            boolean liveOnly,
            @Nullable Lsn most,
            StreamMetrics metrics,
            CountDownLatch stopped) {
        this.metrics = metrics;
        this.keepsAll = Lsn.NONE.equals(most);
        this.most = most == null || keepsAll ? LAST : most;
        this.ledger = ledger;
        this.liveOnly = liveOnly;
        this.stopped = stopped;
        this.confirmed = limited(from);
        this.live = from.lsn();
        this.readFrom = from.readFrom();
        metrics.committed(resumeLsn(), confirmed);
    }

    private Lsn limited(StreamPosition position) {
        return position.readFrom().isAfter(most) ? most : position.readFrom();
    }

    /** Everything before this LSN is confirmed, or may be. */
    Lsn confirmedLsn() {
        return confirmed;
    }

    /** What has to be in the slot still, at the latest, by what is committed now. */
    Lsn neededLsn(@Nullable StreamPosition durable) {
        return durable == null ? confirmed : Lsn.max(confirmed, limited(durable));
    }

    /** Where the slot is to be read from. While only live topics are streamed, that is after {@link #confirmedLsn()}. */
    Lsn resumeLsn() {
        return liveOnly ? live : readFrom;
    }

    /** From the next session on, the slot is read for all topics. */
    void readForAll() {
        liveOnly = false;
    }

    /** From now on this session reads the slot. */
    void opened(ReplicationSession open) throws SQLException {
        session = open;
        if (!keepsAll) {
            open.confirm(confirmed);
        }
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
        live = Lsn.max(live, durable.lsn());
        readFrom = Lsn.max(readFrom, durable.readFrom());
        ReplicationSession open = session;
        if (open != null && !keepsAll && limited(durable).isAfter(confirmed)) {
            Failpoint.POSITION_DURABLE.pass();
            confirmed = limited(durable);
            open.confirm(confirmed);
            Failpoint.POSITION_CONFIRMED.pass();
        }
        metrics.committed(resumeLsn(), confirmed);
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
