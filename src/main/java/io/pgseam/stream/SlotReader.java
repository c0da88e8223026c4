package io.pgseam.stream;

import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.Begin;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.SlotFaults;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.TopicGroup;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the slot in a thread of its own: decodes, makes records, queues them, and answers the server in time even while
 * Connect takes its time.
 *
 * <p>Only this thread confirms anything to the slot, and only what it reads from the ledger (invariant I3). A lost session is
 * opened again; what was queued is then skipped.
 */
final class SlotReader implements RecordSink, LookupReader.Progress {

    private static final Logger LOG = LoggerFactory.getLogger(SlotReader.class);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long RETRY_MS = 1_000;
    private static final long PUBLICATION_RETRY_MS = 10_000;
    private static final long CONFIRM_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long STATUS_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long QUEUE_WAIT_MS = 1_000;
    private static final long END_WAIT_MS = 100;

    /** About what a record takes besides key and value: itself, its offset, array headers (invariant I11). */
    private static final int RECORD_OVERHEAD_BYTES = 256;

    /** undefined_object: the slot is gone. object_not_in_prerequisite_state: it is invalidated. undefined_file: its WAL is gone. */
    private static final Set<String> SLOT_UNUSABLE = Set.of("42704", "55000", "58P01");

    private static final long WAIT_FOR_NEW_GENERATION_NANOS =
            Duration.ofMinutes(1).toNanos();

    private final Sessions sessions;
    private final StreamSettings settings;
    private final Ledger ledger;
    private final ChangeQueue queue;
    private final ChangeRouter router;
    private final CompletionWindow window;
    private final MessageDecoder decoder = new MessageDecoder();
    private final @Nullable ReadingEnd end;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    private volatile boolean committed;
    private volatile @Nullable ReplicationSession session;
    private volatile @Nullable Lsn awaited;
    private final boolean besideCopy;
    private Lsn confirmed;

    /** Nothing that was committed before it is needed. Beside a copy, what was committed since the anchor stays in the slot all the same. */
    private Lsn resumeAt;

    /** A committed position that the router has not been told of. */
    private @Nullable StreamPosition untold;

    private long lastConfirm = System.nanoTime();
    private long lastRecord = System.nanoTime();
    private long lastStatus = System.nanoTime();
    private long slotBusySince;
    private long snapshotMissedSince;
    private boolean ended;
    private boolean finished;

    /** Makes the router; it needs the reader as its sink. */
    interface RouterFactory {
        ChangeRouter make(SlotReader sink);
    }

    /**
     * @param from what is committed: nothing at or before it is made again
     * @param besideCopy whether only topics are streamed that go on beside a copy
     * @param end where to stop; null to read for good
     */
    SlotReader(
            Sessions sessions,
            StreamSettings settings,
            Ledger ledger,
            ChangeQueue queue,
            StreamPosition from,
            boolean besideCopy,
            RouterFactory routerFactory,
            LookupReader lookups,
            @Nullable ReadingEnd end) {
        this.sessions = sessions;
        this.settings = settings;
        this.ledger = ledger;
        this.queue = queue;
        this.besideCopy = besideCopy;
        this.confirmed = from.readFrom();
        this.resumeAt = resumeAt(from);
        this.end = end;
        this.router = routerFactory.make(this);
        this.window = new CompletionWindow(router, lookups, this, settings.maxQueueBytes());
        this.thread = new Thread(this::run, "pgseam-slot-reader " + settings.slot());
        thread.setDaemon(true);
    }

    private Lsn resumeAt(StreamPosition position) {
        return besideCopy ? position.lsn() : position.readFrom();
    }

    void start() {
        thread.start();
    }

    ChangeRouter router() {
        return router;
    }

    /** Connect has committed offsets: there may be something to confirm. */
    void committed() {
        committed = true;
    }

    /**
     * Says that this LSN is reached with a heartbeat as soon as it is, also where {@code heartbeat.interval.ms} is 0. Where changes
     * come, their offsets say so.
     *
     * @param lsn the LSN; null for none
     */
    void await(@Nullable Lsn lsn) {
        awaited = lsn;
    }

    /** Stops the thread, without waiting for what the server still sends, or for a lock that a question to it waits for. */
    void close() {
        stopped.countDown();
        sessions.close();
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private void run() {
        try {
            while (!isStopped() && !finished) {
                readUntilLost();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ConnectException e) {
            failUnlessStopped(e);
        } catch (RuntimeException e) {
            failUnlessStopped(new ConnectException(
                    "Reading slot \"" + settings.slot() + "\" failed at "
                            + router.position().lsn() + ": " + e.getMessage(),
                    e));
        }
    }

    private void failUnlessStopped(ConnectException e) {
        if (!isStopped()) {
            queue.fail(e);
        }
    }

    private void readUntilLost() throws InterruptedException {
        try (ReplicationSession open = ReplicationSession.start(sessions, settings, resumeAt)) {
            session = open;
            slotBusySince = 0;
            ensureNothingIsLeftOut(open);
            open.confirm(confirmed);
            window.restart();
            ended = false;
            while (!isStopped() && !ended) {
                ByteBuffer message = open.readPending();
                if (message != null) {
                    take(message, decoder.decode(message), open.received());
                } else {
                    idle(open);
                }
                confirm(open);
                tellDurable();
            }
            if (end != null && ended) {
                window.flush();
                end.reached().run();
                finished = true;
                if (!end.atAnchor()) {
                    confirmEnd(open);
                    // Nobody asks the source anything from here on.
                    sessions.close();
                }
            }
        } catch (StoppedException e) {
            throw (InterruptedException) new InterruptedException().initCause(e);
        } catch (SQLException e) {
            if (isStopped()) {
                return;
            }
            if (SqlErrors.isPublicationMissing(e)) {
                passMissingPublication();
            } else {
                retryOrFail(e);
            }
        } finally {
            session = null;
        }
    }

    /** What the slot keeps from here on is what comes after the end. */
    private void confirmEnd(ReplicationSession open) throws InterruptedException, SQLException {
        boolean durable = false;
        while (!durable && !stopped.await(END_WAIT_MS, TimeUnit.MILLISECONDS)) {
            goesOn();
            confirm(open);
            durable = untold != null && untold.endReached();
            tellDurable();
        }
    }

    /** Before the first message is taken (invariant I10). The leader looks, too, but only every now and then. */
    private void ensureNothingIsLeftOut(ReplicationSession open) throws SQLException {
        // A task before this one may have committed more since this one began.
        StreamPosition durable = ledger.stream();
        Lsn readFrom = durable == null ? confirmed : Lsn.max(confirmed, durable.readFrom());
        if (!readFrom.equals(Lsn.NONE)) {
            Lsn newest = durable == null ? resumeAt : Lsn.max(resumeAt, durable.lsn());
            SlotCheck.ensureNothingIsLeftOut(sessions, settings.slot(), readFrom, newest);
        }
        StreamPosition routed = router.position();
        StreamPosition sent =
                durable != null && durable.covers(routed.live().last(), TopicGroup.LIVE) ? durable : routed;
        SlotCheck.ensureSamePast(sessions, settings.slot(), open.timeline(), sent);
        router.onTimeline(open.timeline());
    }

    private void retryOrFail(SQLException e) throws InterruptedException {
        String reason = SqlErrors.describe(e);
        if (SqlErrors.isInUse(e)) {
            long now = System.nanoTime();
            slotBusySince = slotBusySince == 0 ? now : slotBusySince;
            if (now - slotBusySince > settings.longestSlotWait().toNanos()) {
                throw new ConnectException(
                        "Slot \"" + settings.slot() + "\" is read by somebody else, for more than "
                                + settings.longestSlotWait().toSeconds() + " s: " + reason
                                + ". Stop that consumer, or give this connector a slot.name of its own",
                        e);
            }
        } else if (end != null && end.atAnchor() && SqlErrors.isUnknownSnapshot(e)) {
            waitForNewGeneration(reason, e);
        } else if (SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT) {
            throw new ConnectException(
                    "Cannot stream from slot \"" + settings.slot() + "\" at "
                            + router.position().lsn() + ": " + reason
                            + (SLOT_UNUSABLE.contains(e.getSQLState()) ? ". " + SlotFaults.WAYS_ON : ""),
                    e);
        }
        LOG.warn("Streaming from slot \"{}\" was interrupted, tries again: {}", settings.slot(), reason);
        stopped.await(RETRY_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Up to PostgreSQL 17, changes cannot be decoded that were made while there was no publication. The leader finds that it was
     * dropped, and opens an anchor at which every table is copied: then nothing before that is needed.
     */
    private void passMissingPublication() throws InterruptedException {
        LOG.warn(
                "Slot \"{}\" has changes after {} that were made while there was no publication \"{}\": they cannot be read. {}",
                settings.slot(),
                router.position().lsn(),
                settings.publication(),
                end != null && end.mayBeSkippedTo()
                        ? "All tables are copied again at " + end.lsn() + ": continues from there"
                        : "Waits until the leader has opened an anchor at which all tables are copied again"
                                + " (table.check.interval.ms; if that is 0, restart the connector)");
        if (end == null || !end.mayBeSkippedTo()) {
            stopped.await(PUBLICATION_RETRY_MS, TimeUnit.MILLISECONDS);
            return;
        }
        window.restart();
        try {
            end.reached().run();
            finished = true;
        } catch (SQLException e) {
            retryOrFail(e);
        }
    }

    /** The anchor is lost with its snapshot: whoever leads opens a newer one, and gives this task another assignment. */
    private void waitForNewGeneration(String reason, SQLException e) {
        long now = System.nanoTime();
        snapshotMissedSince = snapshotMissedSince == 0 ? now : snapshotMissedSince;
        if (now - snapshotMissedSince > WAIT_FOR_NEW_GENERATION_NANOS) {
            throw new ConnectException(
                    "The snapshot of the anchor that slot \"" + settings.slot() + "\" catches up with is lost ("
                            + reason
                            + ") and no newer anchor was opened within "
                            + TimeUnit.NANOSECONDS.toSeconds(WAIT_FOR_NEW_GENERATION_NANOS)
                            + " s. Is the connector itself running? Restart it with its tasks: POST"
                            + " /connectors/<name>/restart?includeTasks=true",
                    e);
        }
    }

    private void take(ByteBuffer encoded, Message message, Lsn at) throws SQLException {
        if (end != null && message instanceof Begin begin && !begin.commitLsn().isBefore(end.lsn())) {
            ended = true;
            return;
        }
        window.take(encoded, message, at);
    }

    /** The server has nothing more to send at present. */
    private void idle(ReplicationSession open) throws SQLException {
        if (!window.inTransaction()) {
            window.flush();
            Lsn received = open.received();
            if (end != null && !received.isBefore(end.lsn())) {
                ended = true;
                return;
            }
            boolean catchingUp = end != null && end.atAnchor();
            if (!catchingUp && (isHeartbeatDue() || isAwaited(received) || router.catchesUpAt(received))) {
                router.heartbeat(received);
            }
        }
        LockSupport.parkNanos(IDLE_NANOS);
        if (Thread.interrupted()) {
            throw new StoppedException();
        }
    }

    private boolean isHeartbeatDue() {
        long heartbeatNanos = TimeUnit.MILLISECONDS.toNanos(settings.heartbeatIntervalMs());
        return heartbeatNanos > 0 && System.nanoTime() - lastRecord >= heartbeatNanos;
    }

    /** Whether an LSN that is waited for is reached, and no record says so yet. */
    private boolean isAwaited(Lsn received) {
        Lsn lsn = awaited;
        return lsn != null
                && !received.isBefore(lsn)
                && router.position().readFrom().isBefore(lsn);
    }

    /** Invariant I3: confirms what the ledger has, at most once a second, and only after a commit of offsets. */
    private void confirm(ReplicationSession open) throws SQLException {
        long now = System.nanoTime();
        if (!committed || now - lastConfirm < CONFIRM_NANOS) {
            return;
        }
        lastConfirm = now;
        committed = false;
        StreamPosition durable = ledger.stream();
        untold = durable;
        if (durable == null) {
            return;
        }
        resumeAt = Lsn.max(resumeAt, resumeAt(durable));
        if (durable.readFrom().isAfter(confirmed)) {
            Failpoint.POSITION_DURABLE.pass();
            confirmed = durable.readFrom();
            open.confirm(confirmed);
            Failpoint.POSITION_CONFIRMED.pass();
        }
    }

    /** Not while a record waits for room in the queue: this may make records itself. */
    private void tellDurable() throws SQLException {
        StreamPosition durable = untold;
        if (durable != null) {
            untold = null;
            router.durable(durable);
        }
    }

    @Override
    public void accept(List<SourceRecord> change, long bytes) throws SQLException {
        lastRecord = System.nanoTime();
        try {
            while (!queue.offer(change, bytes + (long) change.size() * RECORD_OVERHEAD_BYTES, QUEUE_WAIT_MS)) {
                if (isStopped()) {
                    throw new StoppedException();
                }
                ReplicationSession open = session;
                if (open != null) {
                    // Connect is slow; the server must not take us for dead (wal_sender_timeout).
                    open.sendStatus();
                    confirm(open);
                }
            }
        } catch (InterruptedException e) {
            throw new StoppedException();
        }
    }

    @Override
    public void goesOn() throws SQLException {
        if (isStopped()) {
            throw new StoppedException();
        }
        ReplicationSession open = session;
        if (open != null && System.nanoTime() - lastStatus >= STATUS_NANOS) {
            lastStatus = System.nanoTime();
            open.sendStatus();
            confirm(open);
        }
    }

    @Override
    public void endTransaction() {
        queue.endTransaction();
    }

    /** The task was stopped while the reader waited. */
    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
