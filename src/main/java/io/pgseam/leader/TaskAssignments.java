package io.pgseam.leader;

import io.pgseam.failpoint.Failpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** What the tasks are to do at present: the only object that the leader's thread shares with Connect's. */
final class TaskAssignments {

    /** What the tasks are to do, for as many of them as Connect allows. */
    interface Work {
        List<Map<String, String>> configs(int maxTasks);
    }

    /** By then Connect has said that the connector runs. */
    private static final long REPORTED_AS_RUNNING_NANOS = Duration.ofSeconds(1).toNanos();

    private final String connectorName;
    private final String source;
    private final LeaderHost host;
    private final CountDownLatch decided = new CountDownLatch(1);
    private final CountDownLatch failedOrDecided = new CountDownLatch(1);
    private volatile Work work = maxTasks -> List.of();

    /** When the connector's start ended, in ns; 0 before. */
    private long startedAt;

    private @Nullable ConnectException failure;

    /** Why the last step failed; null where it did not. */
    private volatile @Nullable String trouble;

    /** @param source the server and database, for messages */
    TaskAssignments(String connectorName, String source, LeaderHost host) {
        this.connectorName = connectorName;
        this.source = source;
        this.host = host;
    }

    /**
     * Waits until it is decided what the tasks are to do, or the leader has failed.
     *
     * @return false if neither happened in this time
     */
    boolean await(Duration timeout) throws InterruptedException {
        return failedOrDecided.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * The configurations of the tasks; none while there is nothing for them to do.
     *
     * @throws ConnectException if that is not decided yet; the message says why
     */
    List<Map<String, String>> configs(int maxTasks) {
        if (decided.getCount() > 0) {
            String reason = trouble;
            throw new ConnectException("Not decided yet what the tasks of connector " + connectorName + " are to do: "
                    + (reason == null ? "the source " + source + " has not answered" : reason));
        }
        return work.configs(maxTasks);
    }

    /** The tasks are to do something else from now on. */
    void assign(Work next) {
        work = next;
        decide();
        host.requestTaskReconfiguration();
        Failpoint.TASKS_ASSIGNED.pass();
    }

    /** What the tasks are to do is what was assigned last, or nothing. */
    void decide() {
        decided.countDown();
        failedOrDecided.countDown();
    }

    /** The last step failed, and will be tried again; null where it did not fail. */
    void inTrouble(@Nullable String reason) {
        trouble = reason;
    }

    /**
     * Ends the connector's start.
     *
     * @throws ConnectException if the leader has failed already
     */
    synchronized void started() {
        if (failure != null) {
            throw failure;
        }
        startedAt = System.nanoTime();
    }

    /**
     * Tells Connect that the leader has failed. While Connect starts the connector, {@link #started} does so: an error that is
     * raised then is lost, because Connect reports the connector as running once its start has returned.
     *
     * @param stopped is down once the connector is to stop
     */
    void fail(ConnectException e, CountDownLatch stopped) throws InterruptedException {
        trouble = e.getMessage();
        long sinceStart;
        synchronized (this) {
            failure = e;
            failedOrDecided.countDown();
            if (startedAt == 0) {
                return;
            }
            sinceStart = System.nanoTime() - startedAt;
        }
        if (!stopped.await(REPORTED_AS_RUNNING_NANOS - sinceStart, TimeUnit.NANOSECONDS)) {
            host.raiseError(e);
        }
    }
}
