package io.pgseam.stream;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.Begin;
import io.pgseam.pg.pgoutput.Commit;
import io.pgseam.pg.pgoutput.LogicalMessage;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.TopicGroup;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the slot: decodes, and has records made, even while Connect takes its time. A lost session is opened again; what was queued is
 * then skipped.
 *
 * <p>Runs in the stream's own thread.
 */
final class SlotReader {

    private static final Logger LOG = LoggerFactory.getLogger(SlotReader.class);

    /** So long the reader waits for the server at most, before it looks whether something else is due. */
    private static final int MOST_IDLE_MS = 250;

    /** The same while another session has changes of lagging topics, and does not end the wait. */
    private static final int CATCH_UP_IDLE_MS = 2;

    private static final long PUBLICATION_RETRY_MS = 10_000;
    private static final long END_WAIT_MS = 100;

    private final Sessions sessions;
    private final String role;
    private final StreamSettings settings;
    private final SlotQueue slotQueue;
    private final Ledger ledger;
    private final SlotConfirmer confirmer;
    private final QueueSink sink;
    private final ChangeRouter router;
    private final CompletionWindow window;
    private final StreamMetrics metrics;
    private final MessageDecoder decoder = new MessageDecoder();
    private final @Nullable ReadingEnd end;
    private final @Nullable TopicSignals signals;
    private final @Nullable LaggingCatchUp catchUp;
    private final CountDownLatch stopped;
    private final ReadFailures failures;

    private volatile @Nullable Lsn awaited;
    private volatile boolean standby = true;

    /** Whether the server is to send text as it is, because it failed to convert some. */
    private boolean unconverted;

    private boolean ended;
    private boolean finished;

    /**
     * @param role what the session that reads the slot is for, see {@link StreamAssignment#sessionRole}
     * @param end where to stop; null to read for good
     * @param signals answers the signals of a topic; null if there is none
     * @param catchUp has lagging topics catch up beside what is read here; null if none do
     * @param stopped is down once the task is to stop
     */
    SlotReader(
            Sessions sessions,
            String role,
            StreamSettings settings,
            Ledger ledger,
            SlotConfirmer confirmer,
            QueueSink sink,
            ChangeRouter router,
            CompletionWindow window,
            StreamMetrics metrics,
            @Nullable ReadingEnd end,
            @Nullable TopicSignals signals,
            @Nullable LaggingCatchUp catchUp,
            CountDownLatch stopped) {
        this.metrics = metrics;
        this.sessions = sessions;
        this.role = role;
        this.settings = settings;
        this.slotQueue = new SlotQueue(sessions, settings.slot());
        this.ledger = ledger;
        this.confirmer = confirmer;
        this.sink = sink;
        this.router = router;
        this.window = window;
        this.end = end;
        this.signals = signals;
        this.catchUp = catchUp;
        this.stopped = stopped;
        this.failures = new ReadFailures(settings.slot(), slotQueue, isCatchingUp(), stopped);
    }

    /**
     * Says that this LSN is reached with a heartbeat as soon as it is, also where {@code heartbeat.interval.ms} is 0. Where changes
     * come, their offsets say so. May come from another thread.
     *
     * @param lsn the LSN; null for none
     */
    void await(@Nullable Lsn lsn) {
        awaited = lsn;
    }

    /**
     * Tells whether the server is a standby. May come from another thread.
     *
     * @param isStandby as of a moment ago
     */
    void onStandby(boolean isStandby) {
        standby = isStandby;
    }

    /** Whether the server was promoted since: another session knows its timeline. */
    private boolean isPromoted(ReplicationSession open) {
        if (open.isOnStandby() && !standby && !window.inTransaction()) {
            LOG.info("The standby was promoted: slot \"{}\" is read in another session", settings.slot());
            return true;
        }
        return false;
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /**
     * Reads until the end, or until the task is stopped.
     *
     * @throws ConnectException if a person has to act
     */
    void read() throws InterruptedException {
        try {
            while (!isStopped() && !finished) {
                readUntilLost();
            }
        } catch (StoppedException e) {
            throw e;
        } catch (ConnectException e) {
            handOver(e);
            throw e;
        } catch (RuntimeException e) {
            handOver(e);
            throw new ConnectException(
                    "Reading slot \"" + settings.slot() + "\" failed at "
                            + router.position().lsn() + ": " + e.getMessage(),
                    e);
        }
    }

    /** A change that cannot be read stops the stream, but not the changes before it. */
    private void handOver(RuntimeException failure) {
        try {
            router.flush();
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void readUntilLost() throws InterruptedException {
        try (ReplicationSession open =
                ReplicationSession.start(sessions, role, settings, confirmer.resumeLsn(), unconverted)) {
            slotQueue.leave();
            ensureNothingIsLeftOut(open);
            confirmer.opened(open);
            metrics.sessionOpened();
            window.restart();
            ended = false;
            boolean goesOn = true;
            while (!isStopped() && !ended && goesOn && !isPromoted(open)) {
                ByteBuffer message = open.readPending();
                if (message != null) {
                    take(message, open.received());
                } else {
                    idle(open);
                }
                goesOn = catchUp == null || catchUp.turn(open, message == null);
                confirmer.confirm();
                tellDurable();
            }
            if (end != null && ended) {
                window.flush();
                end.reached().run();
                finished = true;
                if (!end.atAnchor()) {
                    confirmEnd();
                    // Nothing asks the source anything from here on.
                    sessions.close();
                }
            }
        } catch (SQLException e) {
            if (isStopped()) {
                return;
            }
            if (SqlErrors.isUnconvertible(e) && !unconverted) {
                unconverted = true;
                LOG.warn(
                        "Slot \"{}\" has text after {} that the server cannot convert to UTF-8: reads it unconverted from now on",
                        settings.slot(),
                        router.position().lsn());
            } else if (SqlErrors.isPublicationMissing(e)) {
                passMissingPublication();
            } else {
                failures.retryOrFail(e, router.position().lsn());
            }
        } finally {
            metrics.sessionLost();
            confirmer.closed();
            if (catchUp != null) {
                catchUp.restart();
            }
        }
    }

    /** What the slot keeps from here on is what comes after the end. */
    private void confirmEnd() throws InterruptedException, SQLException {
        boolean durable = false;
        while (!durable && !stopped.await(END_WAIT_MS, TimeUnit.MILLISECONDS)) {
            confirmer.goesOn();
            StreamPosition position = confirmer.takeDurable();
            if (position != null) {
                durable = position.endReached();
                router.durable(position);
            }
        }
    }

    /** Before the first message is taken (invariant I10). The leader looks, too, but only every now and then. */
    private void ensureNothingIsLeftOut(ReplicationSession open) throws SQLException {
        // A task before this one may have committed more since this one began.
        StreamPosition durable = ledger.stream();
        Lsn readFrom = confirmer.neededLsn(durable);
        if (!readFrom.equals(Lsn.NONE)) {
            Lsn resumed = confirmer.resumeLsn();
            Lsn newest = durable == null ? resumed : Lsn.max(resumed, durable.lsn());
            SlotCheck.ensureNothingIsLeftOut(sessions, settings.slot(), readFrom, newest);
        }
        StreamPosition routed = router.position();
        StreamPosition sent =
                durable != null && durable.covers(routed.live().last(), TopicGroup.LIVE) ? durable : routed;
        SlotCheck.ensureSamePast(sessions, settings.slot(), open.timeline(), sent);
        // A standby may be promoted while it is read, and does not say at which change. What it has sent is in its
        // past,
        // because its slot is on no other server.
        router.onTimeline(open.isOnStandby() ? open.timeline().withoutNumber() : open.timeline());
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
            failures.retryOrFail(e, router.position().lsn());
        }
    }

    /**
     * Takes the next message.
     *
     * @param encoded its bytes, in an array of their own
     * @param at where it stands in the WAL, as the server says with it
     */
    void take(ByteBuffer encoded, Lsn at) throws SQLException {
        metrics.received(encoded.remaining(), at);
        Message message = decoder.decode(encoded);
        if (end != null && isBeyond(message, end.lsn())) {
            ended = true;
            return;
        }
        window.take(encoded, message, at);
        if (message instanceof Commit commit) {
            if (catchUp != null) {
                catchUp.liveReadTo(commit.endLsn());
            }
            if (signals != null) {
                signals.answer(commit.endLsn());
            }
            if (window.isEmpty() && isHeartbeatDue() && isBeforeEnd(commit.endLsn())) {
                // Transactions without a change that is sent may come without pause: the slot has to move on all the
                // same.
                router.heartbeat(commit.endLsn());
            }
        }
    }

    private static boolean isBeyond(Message message, Lsn end) {
        if (message instanceof LogicalMessage said) {
            // Its LSN is where it ends.
            return !said.transactional() && said.lsn().isAfter(end);
        }
        return message instanceof Begin begin && !begin.commitLsn().isBefore(end);
    }

    private boolean isBeforeEnd(Lsn lsn) {
        return end == null || lsn.isBefore(end.lsn());
    }

    /** The server has nothing more to send at present. */
    private void idle(ReplicationSession open) throws SQLException {
        if (!window.inTransaction()) {
            window.flush();
            router.flush();
            Lsn received = open.received();
            metrics.idle(received);
            if (end != null && !received.isBefore(end.lsn())) {
                ended = true;
                return;
            }
            if (signals != null && signals.answer(received) && catchUp != null) {
                catchUp.liveReadTo(received);
            }
            if (!isCatchingUp() && (isHeartbeatDue() || isAwaited(received) || router.catchesUpAt(received))) {
                router.heartbeat(received);
                if (catchUp != null) {
                    catchUp.liveReadTo(received);
                }
            }
        }
        confirmer.askForPosition();
        open.await(idleMs());
    }

    /** What comes from the server ends the wait, and so does a stop, which closes the session. */
    private int idleMs() {
        if (catchUp != null && !catchUp.isOver()) {
            return CATCH_UP_IDLE_MS;
        }
        long heartbeatMs = settings.heartbeatIntervalMs();
        return heartbeatMs <= 0 ? MOST_IDLE_MS : (int) Math.min(MOST_IDLE_MS, heartbeatMs);
    }

    private boolean isCatchingUp() {
        return end != null && end.atAnchor();
    }

    private boolean isHeartbeatDue() {
        long heartbeatNanos = TimeUnit.MILLISECONDS.toNanos(settings.heartbeatIntervalMs());
        return heartbeatNanos > 0 && sink.quietNanos() >= heartbeatNanos;
    }

    /** Whether an LSN that is waited for is reached, and no record says so yet. */
    private boolean isAwaited(Lsn received) {
        Lsn lsn = awaited;
        return lsn != null
                && (catchUp == null || catchUp.isOver())
                && !received.isBefore(lsn)
                && router.position().readFrom().isBefore(lsn);
    }

    private void tellDurable() throws SQLException {
        StreamPosition durable = confirmer.takeDurable();
        if (durable != null) {
            router.durable(durable);
        }
    }
}
