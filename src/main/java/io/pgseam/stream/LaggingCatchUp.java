package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Timeline;
import io.pgseam.stream.SlotCopy.Received;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the lagging topics catch up beside the live ones: a second session reads a temporary copy of the slot, from where the lagging topics are
 * (decision 0036). The two readings take turns in one thread, and share one position. When the second one has come to where the first one is,
 * there is one place again, and the first one continues with all topics.
 *
 * <p>If the server has no room for another slot or session, the slot is read for all topics from where the lagging ones are, and the live ones
 * wait.
 */
final class LaggingCatchUp {

    private static final Logger LOG = LoggerFactory.getLogger(LaggingCatchUp.class);

    /** So long one reading continues while the other one has something to read, too. */
    private static final long TURN_NANOS = Duration.ofMillis(50).toNanos();

    /** So long the live topics may be held at once, and so long they are not held after that, if it was not enough. */
    private static final long HOLD_NANOS = Duration.ofMillis(500).toNanos();

    /** If the border is so near, the live topics are held for it, in bytes of WAL. */
    private static final long NEAR_BYTES = 16L << 20;

    private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long HELD_PAUSE_NANOS = Duration.ofMillis(1).toNanos();

    /** Other connectors have a second slot for a moment, too. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();

    /** configuration_limit_exceeded: max_replication_slots. too_many_connections: max_wal_senders, or others. */
    private static final Set<String> NO_ROOM = Set.of("53400", "53300");

    private final Sessions sessions;
    private final StreamSettings settings;
    private final StreamCursor live;
    private final CompletionWindow liveWindow;
    private final ChangeRouter liveRouter;
    private final LaggingReader reader;
    private final SlotConfirmer confirmer;

    /** Everything committed before is taken by the first reading; and is routed, too. */
    private Lsn taken;

    private Lsn border;

    private @Nullable SlotCopy copy;
    private boolean opened;
    private boolean unconverted;
    private boolean over;

    /** Why no second session reads the slot; null unless that is so. */
    private @Nullable String impossible;

    private long lastTurn = System.nanoTime();
    private long mayHoldAt = System.nanoTime();
    private long mayOpenAt = System.nanoTime();
    private long noRoomSince;

    /**
     * @param live the cursor of the first reading, which is for the live topics only
     * @param reader takes the messages of the second reading
     */
    LaggingCatchUp(
            Sessions sessions,
            StreamSettings settings,
            StreamCursor live,
            CompletionWindow liveWindow,
            ChangeRouter liveRouter,
            LaggingReader reader,
            SlotConfirmer confirmer) {
        this.sessions = sessions;
        this.settings = settings;
        this.live = live;
        this.liveWindow = liveWindow;
        this.liveRouter = liveRouter;
        this.reader = reader;
        this.confirmer = confirmer;
        this.taken = live.position().lsn();
        this.border = taken;
    }

    /** Whether all topics are read by the first reading. */
    boolean isOver() {
        return over;
    }

    /** The first reading has taken everything committed before this LSN, and nothing that was committed there or later. */
    void liveReadTo(Lsn lsn) {
        taken = Lsn.max(taken, lsn);
    }

    /**
     * The first reading has taken a message, or has nothing more to read.
     *
     * @param first its session
     * @param idle whether it has nothing to read
     * @return false if the slot has to be opened again, and read for all topics
     * @throws SQLException if what was read cannot be routed; both readings begin again then
     */
    boolean turn(ReplicationSession first, boolean idle) throws SQLException {
        if (over) {
            return true;
        }
        long now = System.nanoTime();
        if (isTurn(first, idle, now)) {
            if (isOpen(first)) {
                liveWindow.flush();
                border = border(first, idle);
                reader.aimAt(border);
                read(now + TURN_NANOS);
                if (!idle) {
                    hold(now + HOLD_NANOS);
                }
                joinIfReached();
            }
            lastTurn = System.nanoTime();
        }
        return impossible == null;
    }

    /** Only the session that reads the slot keeps tasks of other workers from it: without it, nothing is read from a copy either. */
    private boolean isTurn(ReplicationSession first, boolean idle, long now) {
        return !liveWindow.inTransaction() && !first.isSilent() && (idle || now - lastTurn >= TURN_NANOS);
    }

    private Lsn border(ReplicationSession first, boolean idle) {
        if (idle && live.position().isPast(taken)) {
            // What Kafka has of the live topics is not sent again: nothing of it is published any more.
            liveReadTo(first.received());
        }
        return taken;
    }

    /**
     * If only little is left, the live topics wait for it. It may be little by the LSN and a large transaction all the same: so they do not
     * wait long, and not twice in a row.
     */
    private void hold(long until) throws SQLException {
        if (reader.isAtBorder() || reader.bytesLeft() > NEAR_BYTES || !mayHold()) {
            return;
        }
        while (!reader.isAtBorder() && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(HELD_PAUSE_NANOS);
            confirmer.goesOn();
            read(until);
        }
        mayHoldAt = System.nanoTime() + HOLD_NANOS;
    }

    private boolean mayHold() {
        return System.nanoTime() - mayHoldAt >= 0;
    }

    /** Takes what the server has sent, until the time is over or the border is reached. */
    private void read(long until) throws SQLException {
        SlotCopy source = copy;
        boolean more = source != null;
        while (source != null && more && !reader.isAtBorder()) {
            Received next = source.next();
            if (next != null && next.message() != null) {
                reader.take(next.message(), next.at());
            } else if (next != null) {
                reader.idle(next.at());
            }
            more = next != null && System.nanoTime() - until < 0;
        }
        reader.pause();
    }

    private void joinIfReached() throws SQLException {
        if (!reader.isAtBorder() || live.position().isPast(border)) {
            return;
        }
        end();
        over = true;
        live.join();
        // The next offset that is committed is to say so, though no change may come for a while.
        liveRouter.heartbeat(border);
    }

    /** Whether a session reads a copy of the slot. If not, one is opened. */
    private boolean isOpen(ReplicationSession first) throws SQLException {
        if (copy == null && impossible == null && System.nanoTime() - mayOpenAt >= 0) {
            reader.restart();
            opened = false;
            copy = SlotCopy.begin(sessions, settings, reader.resumeLsn(), unconverted, reader.mostBytes());
        }
        SlotCopy source = copy;
        if (source == null) {
            return false;
        }
        try {
            source.ensureAlive();
        } catch (SQLException e) {
            lost(e);
            return false;
        } catch (RuntimeException e) {
            end();
            impossible = String.valueOf(e.getMessage());
            return false;
        }
        open(source, first);
        return opened;
    }

    private void open(SlotCopy source, ReplicationSession first) throws SQLException {
        source.confirm(confirmer.confirmedLsn());
        Timeline timeline = source.timeline();
        if (opened || timeline == null) {
            return;
        }
        if (!timeline.equals(first.timeline())) {
            // Both sessions begin again, on the same server.
            throw new SQLException("the server was replaced by another meanwhile", "08006");
        }
        opened = true;
        noRoomSince = 0;
        LOG.info(
                "The newly copied topics catch up from {} on, while the others keep streaming from {} on",
                reader.resumeLsn(),
                live.position().lsn());
    }

    private void lost(SQLException e) {
        end();
        mayOpenAt = System.nanoTime() + RETRY_NANOS;
        String reason = SqlErrors.describe(e);
        if (SqlErrors.isUnconvertible(e) && !unconverted) {
            unconverted = true;
        } else if (NO_ROOM.contains(String.valueOf(e.getSQLState()))) {
            noRoomSince = noRoomSince == 0 ? System.nanoTime() : noRoomSince;
            if (System.nanoTime() - noRoomSince >= PATIENCE_NANOS) {
                impossible = reason
                        + ". To avoid that the next time, raise max_replication_slots and max_wal_senders: one more of each is needed"
                        + " while added tables catch up";
            }
        } else if (SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT) {
            impossible = reason;
        } else {
            LOG.warn(
                    "Reading a copy of slot \"{}\" for the newly copied topics was interrupted, tries again: {}",
                    settings.slot(),
                    reason);
        }
    }

    /**
     * The session that reads the slot has ended: both readings begin again with the next one; if no second session can read the slot, one
     * reading for all topics.
     */
    void restart() {
        end();
        taken = border;
        if (impossible != null && !over) {
            LOG.warn(
                    "All topics wait until the newly copied ones have caught up from {}: no second session can read slot \"{}\" for them. {}",
                    reader.resumeLsn(),
                    settings.slot(),
                    impossible);
            over = true;
            live.sendAll();
            confirmer.readForAll();
        }
    }

    /** Ends the second session, if there is one. The server drops the copy of the slot with it. */
    private void end() {
        SlotCopy source = copy;
        if (source != null) {
            source.end();
            copy = null;
            reader.restart();
        }
    }
}
