package io.pgseam.leader;

import io.pgseam.config.ConnectionDefinition;
import io.pgseam.failpoint.Failpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the tasks are to do at present: the only object that the leader's thread shares with Connect's. */
final class TaskAssignments {

    /** What the tasks are to do, for as many of them as Connect allows. */
    interface Work {
        List<Map<String, String>> configs(int maxTasks);
    }

    /** By then Connect has said that the connector runs. */
    private static final long REPORTED_AS_RUNNING_NANOS = Duration.ofSeconds(1).toNanos();

    /**
     * By then Connect has started the tasks that were configured last. A task that starts asks a thread of Connect whether it is the newest of
     * its kind. If the same thread stops that task meanwhile, each waits for the other, for the 5 s after which Connect gives the task up
     * (decision 0110).
     */
    private static final Duration STARTED = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(TaskAssignments.class);

    private final String connectorName;
    private final String source;
    private final LeaderHost host;
    private final CountDownLatch stopped;
    private final long startingNanos;
    private final CountDownLatch decided = new CountDownLatch(1);
    private final CountDownLatch failedOrDecided = new CountDownLatch(1);
    private volatile Work work = maxTasks -> List.of();

    /** When Connect was given the configurations of tasks that may have to start, in ns. */
    private volatile long configuredAt;

    /** When the connector's start ended, in ns; 0 before. */
    private long startedAt;

    private @Nullable ConnectException failure;

    /** Why the last step failed; null where it did not. */
    private volatile @Nullable String trouble;

    /**
     * @param source the server and database, for messages
     * @param stopped is down once the connector is to stop
     */
    TaskAssignments(String connectorName, String source, LeaderHost host, CountDownLatch stopped) {
        this(connectorName, source, host, stopped, STARTED);
    }

    /** @param starting how long Connect takes to start tasks, at most */
    TaskAssignments(String connectorName, String source, LeaderHost host, CountDownLatch stopped, Duration starting) {
        this.stopped = stopped;
        this.startingNanos = starting.toNanos();
        this.configuredAt = System.nanoTime() - startingNanos;
        this.connectorName = connectorName;
        this.source = source;
        this.host = host;
    }

    /** Waits until it is decided what the tasks are to do, or the leader has failed, or the time is over. */
    void await(Duration timeout) throws InterruptedException {
        boolean unused = failedOrDecided.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
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
        List<Map<String, String>> configs = work.configs(maxTasks);
        if (!configs.isEmpty()) {
            configuredAt = System.nanoTime();
        }
        return configs;
    }

    /** The tasks are to do something else from now on. If they were configured a moment ago, they start first. */
    void assign(Work next) throws InterruptedException {
        if (!awaitStarted()) {
            return;
        }
        work = next;
        decide();
        host.requestTaskReconfiguration();
        Failpoint.TASKS_ASSIGNED.pass();
    }

    /**
     * Waits until tasks that were configured a moment ago have started.
     *
     * @return false if the connector is to stop
     */
    boolean awaitStarted() throws InterruptedException {
        return !stopped.await(configuredAt + startingNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** The tasks have started, because what they were to do is done: nothing has to wait for their start. */
    void haveStarted() {
        configuredAt = System.nanoTime() - startingNanos;
    }

    /** What was assigned last. */
    Work work() {
        return work;
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
     */
    void fail(ConnectException e) throws InterruptedException {
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

    /** Says that the tasks continue though the leader cannot log in. */
    void loginRefused(String user, String reason) {
        LOG.warn(
                "Server {} refuses user {}. Sessions that are open stay; tries again in {} s. If the password was changed,"
                        + " change {} too: {}",
                source,
                user,
                NextStep.AFTER_REFUSAL.pauseMs() / 1000,
                ConnectionDefinition.PASSWORD,
                reason);
    }
}
