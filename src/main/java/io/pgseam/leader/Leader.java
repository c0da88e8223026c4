package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotDropper;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Facts;
import io.pgseam.phase.Phase;
import io.pgseam.phase.Phase.AwaitingSlot;
import io.pgseam.phase.Phase.CatchingUp;
import io.pgseam.phase.Phase.Copying;
import io.pgseam.phase.Phase.Ended;
import io.pgseam.phase.Phase.Failed;
import io.pgseam.phase.Phase.Halting;
import io.pgseam.phase.Phase.MakingWay;
import io.pgseam.phase.Phase.Opening;
import io.pgseam.phase.Phase.OpeningBeside;
import io.pgseam.phase.Phase.Reanchoring;
import io.pgseam.phase.Phase.StreamedToEnd;
import io.pgseam.phase.Phase.Streaming;
import io.pgseam.phase.Phase.TakingOver;
import io.pgseam.phase.PhaseDecision;
import io.pgseam.phase.ShareState;
import io.pgseam.phase.StreamEnd;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlanReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the phases: gathers the facts, has the phase decided, and does what it asks for, in one thread of its own. It learns of
 * progress from committed offsets only.
 */
public final class Leader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Leader.class);
    private static final long STREAMING_STEP_MS = 10_000;
    private static final long LONGEST_TAKING_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long PING_NANOS = Duration.ofSeconds(2).toNanos();
    /** Connect is to have its answer within five seconds. */
    private static final long LONGEST_STOP_MS = 3_000;

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private final SourceObserver observer;
    private final AnchorOpener opener;
    private final AnchorRelay relay;
    private final CoverageCheck coverage;
    private final BesideOpener beside;
    private final TaskWork work;
    private final PlanCarriage carriage;
    private final Ledger ledger;
    private final LeaderMetrics metrics;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final TaskAssignments tasks;
    private final StepFailures failures;
    private final Thread thread;
    private @Nullable Phase phase;
    private @Nullable HeldAnchor held;
    private boolean copyUnderWay;
    private long takingTasksSince;
    private volatile boolean tasksTaken;
    private long lastPing = System.nanoTime();

    /**
     * @param connectorConfig the connector's configuration, which tasks inherit
     * @param ledger over the connector's offsets
     * @param metrics where it says how it gets on
     */
    public Leader(
            Map<String, String> connectorConfig,
            PgSeamSettings settings,
            Sessions sessions,
            Ledger ledger,
            LeaderMetrics metrics,
            LeaderHost host) {
        this.metrics = metrics;
        Map<String, String> inherited = Map.copyOf(connectorConfig);
        this.settings = settings;
        this.sessions = sessions;
        this.ledger = ledger;
        this.tasks = new TaskAssignments(
                settings.connectorName(), settings.connection().target(), host, stopped);
        BlockedLook blocked = new BlockedLook(settings, sessions);
        this.failures = new StepFailures(settings, ledger, tasks, metrics, blocked);
        this.observer = new SourceObserver(settings, sessions, metrics);
        this.opener = new AnchorOpener(settings, sessions, ledger, metrics);
        PlanReader plans = new PlanReader(ledger);
        this.work = new TaskWork(inherited, ledger, plans);
        this.carriage = new PlanCarriage(inherited, settings.tasksMax(), ledger, plans, tasks);
        this.relay = new AnchorRelay(sessions, ledger, plans, settings.scope(), settings.tasksMax());
        this.coverage = new CoverageCheck(settings, sessions, ledger, plans, opener, blocked);
        this.beside = new BesideOpener(opener, coverage, blocked);
        this.thread = new Thread(this::run, "pgseam-leader " + settings.connectorName());
        thread.setDaemon(true);
    }

    /**
     * Starts leading, and waits until the first phase is decided: until then the tasks that Connect has stored may run, and must not be
     * taken for superfluous.
     *
     * @param patience how long to wait for a source that does not answer
     * @throws ConnectException if the leader has failed already
     */
    public void start(Duration patience) throws InterruptedException {
        thread.start();
        tasks.await(patience);
        tasks.started();
    }

    /** The configurations of the tasks in the present phase; none while there is nothing for them to do. */
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return tasks.configs(maxTasks);
    }

    private void run() {
        try {
            lead();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            beside.abandon();
            observer.close();
        }
    }

    private void lead() throws InterruptedException {
        try {
            NextStep next = NextStep.AT_ONCE;
            while (next != NextStep.NEVER && !stopped.await(pauseMs(next), TimeUnit.MILLISECONDS)) {
                next = step();
            }
        } catch (RuntimeException e) {
            metrics.failed();
            fail(e instanceof ConnectException failed ? failed : new ConnectException(e.getMessage(), e));
        }
    }

    private long pauseMs(NextStep next) {
        if (next != NextStep.AFTER_PAUSE || !(phase instanceof Streaming) || held != null || coverage.isAwaited()) {
            return next.pauseMs();
        }
        int interval = settings.snapshot().tableCheckIntervalMs();
        return interval == 0 ? STREAMING_STEP_MS : Math.min(interval, STREAMING_STEP_MS);
    }

    private void fail(ConnectException e) throws InterruptedException {
        if (stopped.getCount() > 0) {
            releaseAnchor();
            tasks.fail(e);
        }
    }

    /** One look and one act. */
    private NextStep step() throws InterruptedException {
        Phase before = phase;
        try {
            Phase next = beside.apart(phase, PhaseDecision.decide(facts()), held);
            if (held != null && givesTasksThePlan(next) && !carriage.isDone(held)) {
                tasks.inTrouble(null);
                metrics.reachable(true);
                return NextStep.AFTER_PAUSE;
            }
            metrics.phase(next);
            boolean goesOn = enter(next);
            metrics.copy(held);
            if (!(next instanceof TakingOver)) {
                // Only the phase after it says what the tasks are to do: those at work must not be taken for
                // superfluous.
                tasks.decide();
            }
            tasks.inTrouble(null);
            metrics.reachable(true);
            if (!goesOn) {
                return NextStep.NEVER;
            }
            return next.equals(before) ? NextStep.AFTER_PAUSE : NextStep.AT_ONCE;
        } catch (SQLException e) {
            if (stopped.getCount() == 0) {
                return NextStep.NEVER;
            }
            observer.close();
            return failures.after(e, isStreaming());
        }
    }

    private static boolean givesTasksThePlan(Phase next) {
        return next instanceof CatchingUp
                || next instanceof Copying
                || next instanceof Streaming
                || next instanceof Ended;
    }

    /** Whether the stream is at its work: it needs the leader only for what is new. */
    private boolean isStreaming() {
        boolean streams = phase instanceof Streaming || phase instanceof MakingWay || phase instanceof OpeningBeside;
        return streams && ledger.stream() != null;
    }

    /**
     * The slot first, then the ledger, then the server's position: while the stream task is at work, the slot is never confirmed
     * beyond what the ledger has later (invariant I3), and the ledger never has what the server has not written by then. In
     * another order a healthy connector would look as if another session had advanced its slot.
     */
    private Facts facts() throws SQLException, InterruptedException {
        if (phase instanceof Copying) {
            observer.keepSlotInUse();
        }
        Facts.Slot slot = observer.slot();
        HeldAnchor anchor = held;
        Facts.Copy copy = anchor == null ? null : watch(anchor);
        StreamPosition stream = ledger.stream();
        metrics.stream(stream);
        ShareState newest = anchor == null ? newestShare() : null;
        Facts.Relay found = anchor == null ? relay.find() : null;
        Facts.Gap gap = anchor == null ? coverage.gap(stream, phase, observer.reader()) : null;
        return new Facts(
                settings.snapshot().mode(),
                slot,
                observer.serverLsn(),
                observer.isStandby(),
                stream,
                newest,
                found,
                gap,
                settings.stream().limits(),
                copy);
    }

    private @Nullable ShareState newestShare() {
        return ledger.newestShares().stream().findFirst().orElse(null);
    }

    private Facts.@Nullable Copy watch(HeldAnchor anchor) throws SQLException, InterruptedException {
        long now = System.nanoTime();
        if (phase instanceof Copying) {
            anchor.watch().lookIfDue(ledger);
            coverage.lookWhileCopying(anchor.plan());
        }
        String over = null;
        if (phase instanceof Halting halting) {
            over = halting.reason();
        } else if (!anchor.watch().isComplete() && now - lastPing >= PING_NANOS) {
            lastPing = now;
            over = over(anchor);
        }
        return new Facts.Copy(
                anchor.anchor(),
                anchor.watch().isComplete(),
                over == null ? anchor.watch().misfit() : over,
                !anchor.plan().goingOn().isEmpty(),
                anchor.added());
    }

    /**
     * Why the anchor at hand has come to its end; null where it has not. Where the holder's session is lost, the snapshot continues
     * in any task that has it.
     */
    private @Nullable String over(HeldAnchor copy) throws SQLException, InterruptedException {
        SnapshotHolder holder = copy.holder();
        if (holder == null) {
            return null;
        }
        String tooOld = null;
        try {
            long clockMs = holder.ping();
            if (phase instanceof Copying) {
                tooOld = copy.tooOld(clockMs, settings.snapshot().anchorMaxAgeMs());
            }
        } catch (SQLException e) {
            LOG.warn("The session that holds the snapshot of {} is lost: {}", copy.anchor(), SqlErrors.describe(e));
            HeldAnchor again = relay.holdAgain(copy);
            if (again == null) {
                return copy.lost(e);
            }
            holder.close();
            held = again;
        }
        giveSnapshotToTasks(Objects.requireNonNull(held));
        return tooOld == null || mayOpenAnother() ? tooOld : null;
    }

    /** Where the stream is to end, a newer anchor would be too late once the server is past that. */
    private boolean mayOpenAnother() throws SQLException {
        StreamEnd end = settings.stream().limits().end();
        return end == null || observer.serverLsn().isBefore(end.lsn());
    }

    /** Tasks that are started again find the snapshot with each other; where none has it any more, it is here only. */
    private void giveSnapshotToTasks(HeldAnchor copy) throws SQLException, InterruptedException {
        if (phase instanceof Copying copying && !copy.isGivenToTasks() && !relay.isFoundByTasks(copy)) {
            LOG.info("No task holds the snapshot of {} any more: all are given the leader's", copying.anchor());
            held = copy.givenToTasks();
            tasks.assign(work.copy(copying.anchor(), Objects.requireNonNull(held)));
        }
    }

    private boolean enter(Phase next) throws SQLException, InterruptedException {
        boolean changed = !next.equals(phase);
        if (changed) {
            LOG.info("Connector {} is in phase {}", settings.connectorName(), next);
        }
        boolean streamed = phase instanceof Streaming;
        if (hasOnlyCopied(held) && (next instanceof Streaming || next instanceof Ended)) {
            tasks.haveStarted();
        }
        copyUnderWay = next instanceof Copying || (copyUnderWay && next instanceof Failed);
        phase = next;
        if (!(next instanceof OpeningBeside)) {
            beside.abandon();
        }
        if (next instanceof Opening first) {
            tasks.decide();
            open(first);
        } else if (next instanceof AwaitingSlot waiting && changed) {
            LOG.warn("Connector {} waits: {}", settings.connectorName(), waiting.reason());
        } else if (next instanceof TakingOver) {
            held = relay.takeOver();
        } else if (next instanceof Halting && changed) {
            LOG.info("Waits until no session reads the slot; \"{}\" does (application_name)", observer.reader());
            tasks.assign(maxTasks -> List.of());
        } else if (next instanceof Reanchoring reanchoring) {
            reanchor(reanchoring);
        } else if (next instanceof MakingWay makingWay && changed) {
            tasks.assign(work.stream(makingWay.generation(), held, makingWay.tables()));
        } else if (next instanceof OpeningBeside opening) {
            held = beside.open(opening, work.earlierPlan(held));
        } else if (next instanceof CatchingUp && changed) {
            tasks.assign(work.approach(Objects.requireNonNull(held)));
        } else if (next instanceof Copying copying && changed) {
            tasks.assign(work.copy(copying.anchor(), Objects.requireNonNull(held)));
        } else if (next instanceof Streaming streaming) {
            if (changed) {
                tasks.assign(work.stream(streaming.generation(), held, Set.of()));
            }
            settle(streaming);
        } else if (next instanceof StreamedToEnd rest) {
            return rest(rest, streamed);
        } else if (next instanceof Ended ended) {
            return end(ended, changed);
        } else if (next instanceof Failed reason) {
            giveUp(reason);
        }
        return true;
    }

    /** Whether every task was to copy, and no stream task was started beside them. */
    private boolean hasOnlyCopied(@Nullable HeldAnchor copy) {
        return phase instanceof Copying
                && copy != null
                && copy.plan().goingOn(copy.anchor().generation()).isEmpty();
    }

    /** What is copied from here on would be of no use: the tasks go first, for Connect asks a failed connector for nothing. */
    private void giveUp(Failed failed) throws InterruptedException {
        long now = System.nanoTime();
        if (copyUnderWay && takingTasksSince == 0) {
            LOG.error("Copying stops: {}", failed.reason());
            takingTasksSince = now;
            tasks.assign(maxTasks -> {
                tasksTaken = true;
                return List.of();
            });
        }
        if (!copyUnderWay || tasksTaken || now - takingTasksSince > LONGEST_TAKING_NANOS) {
            throw new ConnectException(failed.reason());
        }
    }

    /** Once everything is copied, the snapshot is not needed; once the seam is committed, the ledger knows all that is known here. */
    private void settle(Streaming streaming) throws SQLException {
        if (held == null) {
            return;
        }
        held = held.released();
        StreamPosition stream = ledger.stream();
        if (stream != null && stream.seam() >= streaming.generation()) {
            opener.trimPublication();
            held = null;
        }
    }

    private void open(Opening first) throws SQLException {
        String slot = settings.replication().slotName();
        if (first.replaceSlot()) {
            SlotDropper.drop(
                    sessions,
                    slot,
                    "the server has invalidated it, and no offsets are committed; a new one is created");
        }
        held = opener.openFirst();
    }

    private void reanchor(Reanchoring reanchoring) throws SQLException {
        LOG.info("Opening anchor {}: {}", reanchoring.generation(), reanchoring.reason());
        CopyPlan earlier = work.earlierPlan(held);
        releaseAnchor();
        held = opener.openNext(reanchoring.generation(), earlier, reanchoring.vouched());
    }

    /**
     * The task that has streamed up to the end stays as it is, without a session.
     *
     * @param assigned whether it has been told to stream by this leader
     * @return false: there is nothing left to do until the settings are changed, and then another leader is made
     */
    private boolean rest(StreamedToEnd rest, boolean assigned) throws InterruptedException {
        releaseAnchor();
        if (!assigned) {
            tasks.assign(work.stream(rest.generation(), held, Set.of()));
        }
        LOG.info(
                "Streamed up to {} (stream.end.lsn). Slot \"{}\" stays, and keeps WAL from there on: raise or remove the setting"
                        + " to go on, or delete the connector and drop the slot",
                rest.end(),
                settings.replication().slotName());
        return false;
    }

    /** True while the last word of the connector is not committed yet. */
    private boolean end(Ended ended, boolean changed) throws SQLException, InterruptedException {
        if (changed) {
            tasks.assign(work.end(ended.generation(), held));
        }
        StreamPosition stream = ledger.stream();
        if (stream == null || !stream.ended()) {
            // Until then the anchor is kept: without it the copy would be taken for one that was lost half-way.
            return true;
        }
        releaseAnchor();
        SlotDropper.drop(
                sessions, settings.replication().slotName(), "everything is copied and nothing is to be streamed");
        return false;
    }

    private void releaseAnchor() {
        if (held != null) {
            held.close();
            held = null;
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        sessions.close();
        try {
            thread.join(LONGEST_STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
