package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.SlotFaults;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells which failures of reading the slot pass by themselves, and waits before the slot is read again. */
final class ReadFailures {

    private static final Logger LOG = LoggerFactory.getLogger(ReadFailures.class);

    private static final long RETRY_MS = 1_000;
    private static final long LOGIN_RETRY_MS = 10_000;

    /** undefined_object: the slot is gone. object_not_in_prerequisite_state: it is invalidated. undefined_file: its WAL is gone. */
    private static final Set<String> SLOT_UNUSABLE = Set.of("42704", "55000", "58P01");

    private static final long WAIT_FOR_NEW_GENERATION_NANOS =
            Duration.ofMinutes(1).toNanos();

    private final String slot;
    private final SlotQueue slotQueue;
    private final boolean catchesUp;
    private final CountDownLatch stopped;
    private long snapshotMissedSince;

    /**
     * @param catchesUp whether the stream ends at an anchor, whose snapshot it needs
     * @param stopped is down once the task is to stop: nothing is waited for then
     */
    ReadFailures(String slot, SlotQueue slotQueue, boolean catchesUp, CountDownLatch stopped) {
        this.slot = slot;
        this.slotQueue = slotQueue;
        this.catchesUp = catchesUp;
        this.stopped = stopped;
    }

    /**
     * Waits until it makes sense to try again.
     *
     * @param at how far the stream is
     * @throws ConnectException if trying again cannot help
     */
    void retryOrFail(SQLException e, Lsn at) throws InterruptedException {
        String reason = SqlErrors.describe(e);
        if (SqlErrors.isInUse(e)) {
            slotQueue.waits(e);
            stopped.await(RETRY_MS, TimeUnit.MILLISECONDS);
            return;
        }
        if (catchesUp && SqlErrors.isUnknownSnapshot(e)) {
            waitForNewGeneration(reason, e);
        } else if (SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT) {
            throw new ConnectException(
                    "Cannot stream from slot \"" + slot + "\" at "
                            + at + ": " + reason
                            + (SLOT_UNUSABLE.contains(e.getSQLState()) ? ". " + SlotFaults.WAYS_ON : ""),
                    e);
        }
        LOG.warn("Streaming from slot \"{}\" was interrupted, tries again: {}", slot, reason);
        // Not often if the login is refused: servers lock a role out after too many attempts.
        stopped.await(SqlErrors.isLoginRefused(e) ? LOGIN_RETRY_MS : RETRY_MS, TimeUnit.MILLISECONDS);
    }

    /** The anchor is lost with its snapshot: the leader opens a newer one, and gives this task another assignment. */
    private void waitForNewGeneration(String reason, SQLException e) {
        long now = System.nanoTime();
        snapshotMissedSince = snapshotMissedSince == 0 ? now : snapshotMissedSince;
        if (now - snapshotMissedSince > WAIT_FOR_NEW_GENERATION_NANOS) {
            throw new ConnectException(
                    "The snapshot of the anchor that slot \"" + slot + "\" catches up with is lost ("
                            + reason
                            + ") and no newer anchor was opened within "
                            + TimeUnit.NANOSECONDS.toSeconds(WAIT_FOR_NEW_GENERATION_NANOS)
                            + " s. Is the connector itself running? Restart it with its tasks: POST"
                            + " /connectors/<name>/restart?includeTasks=true",
                    e);
        }
    }
}
