package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.Timeline;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a temporary copy of the slot, in a session and a thread of its own: the stream never waits for this session, whether the server takes
 * its time with it or has vanished in the middle of a message. The copy ends with the session.
 */
final class SlotCopy {

    /** So long the server is waited for, before it is looked whether something is to be confirmed. */
    private static final int IDLE_MS = 20;

    /** The server says how far it is only if it is asked, or has something to send. */
    private static final long ASK_NANOS = Duration.ofMillis(100).toNanos();

    /** So often the server hears that the session is alive, while the queue is full. */
    private static final long FULL_WAIT_NANOS = Duration.ofSeconds(1).toNanos();

    /** About what holding a message takes besides its bytes. */
    private static final long HELD_OVERHEAD_BYTES = 256;

    private final Sessions sessions;
    private final StreamSettings settings;
    private final Lsn from;
    private final boolean unconverted;
    private final long mostBytes;
    private final Thread thread;

    private final ArrayDeque<Received> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private @Nullable Timeline timeline;
    private Lsn toConfirm;
    private boolean ended;
    private @Nullable ReplicationSession session;
    private @Nullable Exception failure;

    /**
     * What came from the server.
     *
     * @param message a message of pgoutput, in an array of its own; null if the server has nothing more to send
     * @param at where the message is in the WAL; without one, up to where the server has sent everything
     */
    record Received(@Nullable ByteBuffer message, Lsn at) {

        private long bytes() {
            return HELD_OVERHEAD_BYTES + (message == null ? 0L : message.remaining());
        }
    }

    private SlotCopy(Sessions sessions, StreamSettings settings, Lsn from, boolean unconverted, long mostBytes) {
        this.sessions = sessions;
        this.settings = settings;
        this.from = from;
        this.unconverted = unconverted;
        this.mostBytes = mostBytes;
        this.toConfirm = Lsn.NONE;
        this.thread = new Thread(this::run, "pgseam-lagging " + settings.slot());
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((dead, cause) -> failed(new ConnectException(cause)));
    }

    /**
     * Begins to open the session, and to read.
     *
     * @param from the server sends whole transactions that commit at this LSN or later
     * @param unconverted whether the server is to send text as it is, because it cannot convert it
     * @param mostBytes how many bytes may wait to be taken, give or take a message
     */
    static SlotCopy begin(Sessions sessions, StreamSettings settings, Lsn from, boolean unconverted, long mostBytes) {
        SlotCopy copy = new SlotCopy(sessions, settings, from, unconverted, mostBytes);
        copy.thread.start();
        return copy;
    }

    private void run() {
        try (ReplicationSession open =
                ReplicationSession.startCopy(sessions, StreamAssignment.LAGGING_ROLE, settings, from, unconverted)) {
            opened(open);
            read(open);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException e) {
            failed(e);
        }
    }

    private void read(ReplicationSession open) throws SQLException, InterruptedException {
        Lsn confirmed = Lsn.NONE;
        Lsn reported = Lsn.NONE;
        long lastAsked = System.nanoTime();
        while (!isEnded()) {
            ByteBuffer message = open.readPending();
            Lsn received = open.received();
            if (message != null) {
                offer(new Received(message, received), open);
            } else {
                if (!received.equals(reported)) {
                    reported = received;
                    offer(new Received(null, received), open);
                }
                if (System.nanoTime() - lastAsked >= ASK_NANOS) {
                    lastAsked = System.nanoTime();
                    open.sendStatus();
                }
                open.await(IDLE_MS);
            }
            Lsn next = toConfirm();
            if (next.isAfter(confirmed)) {
                confirmed = next;
                open.confirm(confirmed);
            }
        }
    }

    private void offer(Received received, ReplicationSession open) throws SQLException, InterruptedException {
        while (!offered(received)) {
            open.sendStatus();
        }
    }

    private synchronized boolean offered(Received received) throws InterruptedException {
        long until = System.nanoTime() + FULL_WAIT_NANOS;
        long left = FULL_WAIT_NANOS;
        while (waitingBytes >= mostBytes && !ended) {
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = until - System.nanoTime();
        }
        waiting.add(received);
        waitingBytes += received.bytes();
        return true;
    }

    private synchronized void opened(ReplicationSession open) {
        session = open;
        timeline = open.timeline();
    }

    private synchronized void failed(Exception e) {
        failure = e;
    }

    private synchronized boolean isEnded() {
        return ended;
    }

    private synchronized Lsn toConfirm() {
        return toConfirm;
    }

    /** The server and its timeline; null until the session is open. */
    synchronized @Nullable Timeline timeline() {
        return timeline;
    }

    /** What came next; null if nothing has come. */
    synchronized @Nullable Received next() {
        Received next = waiting.poll();
        if (next != null) {
            waitingBytes -= next.bytes();
            notifyAll();
        }
        return next;
    }

    /**
     * To be asked if nothing has come.
     *
     * @throws SQLException as of {@link ReplicationSession#startCopy}, or if the session is lost
     */
    synchronized void ensureAlive() throws SQLException {
        if (failure instanceof SQLException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
    }

    /** Lets the copy move on: what commits before this LSN is not needed any more. */
    synchronized void confirm(Lsn lsn) {
        toConfirm = lsn;
    }

    /** Ends the session at once, or as soon as it is open. */
    synchronized void end() {
        ended = true;
        notifyAll();
        if (session != null) {
            session.close();
        }
        thread.interrupt();
    }
}
