package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopiedRows;
import io.pgseam.control.CopyRecords;
import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.CopiedTable;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.StreamBegin;
import io.pgseam.phase.StreamOffset;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyTally;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.TableDoneRecords;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes before the first change: waits until the stream may begin, and says what has to be in Kafka before.
 *
 * <p>Runs in the stream's own thread, so that Connect's never waits for the source or the ledger.
 */
final class StreamStart {

    private static final Logger LOG = LoggerFactory.getLogger(StreamStart.class);
    private static final long SHORTEST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    private final String server;
    private final StreamAssignment assignment;
    private final PlanState planState;
    private final String slot;
    private final @Nullable StreamBegin begin;
    private final StreamReadiness readiness;
    private final Ledger ledger;
    private final SlotContinuer continuer;
    private final ControlRecords control;
    private final CopyRecords copyRecords;
    private final DroppedTables droppedTables;
    private final PlanChanges changes;
    private final Function<TableId, String> topics;
    private final ChangeQueue queue;
    private final CountDownLatch stopped;

    /**
     * @param server {@code topic.prefix}
     * @param planState the assignment as the next leader has to find it in the ledger
     * @param begin where it begins if nothing is committed; null for all that the slot has
     * @param topics the topic of a table
     * @param stopped is down once the task is to stop
     */
    StreamStart(
            String server,
            StreamAssignment assignment,
            PlanState planState,
            String slot,
            @Nullable StreamBegin begin,
            SlotContinuer continuer,
            StreamReadiness readiness,
            Ledger ledger,
            ControlRecords control,
            DroppedTables droppedTables,
            PlanChanges changes,
            Function<TableId, String> topics,
            ChangeQueue queue,
            CountDownLatch stopped) {
        this.server = server;
        this.assignment = assignment;
        this.planState = planState;
        this.slot = slot;
        this.begin = begin;
        this.continuer = continuer;
        this.readiness = readiness;
        this.ledger = ledger;
        this.control = control;
        this.copyRecords = new CopyRecords(control);
        this.droppedTables = droppedTables;
        this.changes = changes;
        this.topics = topics;
        this.queue = queue;
        this.stopped = stopped;
    }

    /**
     * Waits until the stream may begin.
     *
     * @return where it begins; null if nothing is to be streamed
     * @throws InterruptedException if the task is stopped meanwhile
     */
    @Nullable
    StreamPosition await() throws InterruptedException {
        StreamPosition position = awaitTurn();
        return position == null || !continuer.mayApply(position) ? position : continued(position);
    }

    private StreamPosition continued(StreamPosition committed) throws InterruptedException {
        StreamPosition position = awaitValue(() -> {
            try {
                return continuer.position(committed);
            } catch (SQLException e) {
                readiness.logWaiting("Not streaming yet, the source does not answer: {}", SqlErrors.describe(e));
                return null;
            }
        });
        if (!position.equals(committed)) {
            tell(List.of(continuer.record(committed, position)));
        }
        return position;
    }

    private @Nullable StreamPosition awaitTurn() throws InterruptedException {
        return switch (assignment.goal()) {
            case CATCH_UP -> awaitCatchUp();
            case BESIDE_COPY -> awaitAnchor();
            case STREAM -> {
                if (isFirstPlanWithoutCopy()) {
                    awaitTrue(this::tellPlan);
                    awaitTrue(() -> !isFirstPlanWithoutCopy());
                }
                yield awaitSeam();
            }
            case END -> {
                awaitSeam();
                yield null;
            }
        };
    }

    private @Nullable StreamPosition awaitCatchUp() throws InterruptedException {
        awaitTrue(() -> !readiness.copyTasksAreAtWork());
        if (!planState.equals(ledger.plan())) {
            // What the ledger says is covered has to be what is streamed: a table that is left out from here on misses
            // changes, and it must not be taken for copied later on. So nothing is streamed under a plan that is not
            // committed.
            awaitTrue(this::tellPlan);
            awaitTrue(() -> planState.equals(ledger.plan()));
        }
        Failpoint.CATCH_UP_BEGUN.pass();
        StreamPosition committed = ledger.stream();
        StreamPosition position = committed == null ? first() : committed;
        if (position.hasReached(assignment.anchor())) {
            return null;
        }
        if (position.isPast(assignment.anchor())) {
            // To go back would have the ledger say less than the slot has confirmed. The leader sees the same position.
            LOG.warn("The stream is past {} already, at {}: waiting for a newer one", assignment.anchor(), position);
            return null;
        }
        return position;
    }

    /** What another connector has sent before this one counts as sent. */
    private StreamPosition first() {
        return StreamPosition.before(begin == null ? Lsn.NONE : begin.lsn(), 0, 0);
    }

    /** Nothing is copied, so that no copy task has told what is covered from here on. */
    private boolean isFirstPlanWithoutCopy() {
        CopyPlan plan = assignment.plan();
        return plan.chunks() == 0 && !plan.relations().isEmpty() && ledger.plan() == null;
    }

    private boolean tellPlan() throws InterruptedException {
        List<SourceRecord> records = planRecords();
        if (records == null) {
            return false;
        }
        tell(records);
        return true;
    }

    /** What becomes of the tables of the plan before, and the plan; null while the source does not answer. */
    private @Nullable List<SourceRecord> planRecords() {
        List<SourceRecord> records = new ArrayList<>();
        try {
            PlanState earlier = ledger.plan();
            if (earlier != null) {
                CopyPlan before = new PlanReader(ledger).read(earlier.plan());
                records.addAll(droppedTables.leftOut(before));
                records.addAll(changes.since(before, earlier.anchor()));
            }
        } catch (SQLException e) {
            readiness.logWaiting(
                    "Not streaming under the plan of {} yet, the source does not answer: {}",
                    assignment.anchor(),
                    SqlErrors.describe(e));
            return null;
        }
        CopyPlan plan = assignment.plan();
        records.add(copyRecords.plan(
                assignment.anchor(),
                plan.relations().size(),
                plan.chunks(),
                PlanState.sourcePartition(server),
                planState.toSourceOffset()));
        return records;
    }

    private StreamPosition awaitAnchor() throws InterruptedException {
        StreamPosition position = awaitValue(() -> {
            StreamPosition committed = ledger.stream();
            return committed != null && (readiness.hasToSplit(committed) || readiness.goesOnBesideCopy(committed))
                    ? committed
                    : null;
        });
        return readiness.hasToSplit(position) ? split(position) : position;
    }

    /** The live topics need not wait until this is committed: before, the position says that nothing lags, and nothing was copied. */
    private StreamPosition split(StreamPosition position) throws InterruptedException {
        Anchor anchor = assignment.anchor();
        StreamPosition split = position.splitAt(anchor);
        LOG.info(
                "New tables are copied at {}; their changes since then wait. All other tables keep streaming, from {}",
                anchor,
                split.live());
        List<SourceRecord> records = awaitValue(this::planRecords);
        records.add(copyRecords.catchUp(anchor, StreamPosition.sourcePartition(server), split.toSourceOffset()));
        tell(records);
        return split;
    }

    private StreamPosition awaitSeam() throws InterruptedException {
        StreamPosition position = ledger.stream();
        if (position != null && position.seam() >= assignment.anchor().generation()) {
            return position;
        }
        CopyTally copied = awaitValue(readiness::copied);
        Failpoint.COPY_COMPLETE.pass();
        StreamPosition before = ledger.stream();
        MetRequests met = MetRequests.at(assignment, before);
        StreamPosition seam = readiness.atSeam(before).requesting(met.left());
        List<SourceRecord> records = new ArrayList<>();
        if (before != null) {
            met.answers()
                    .forEach(answer -> records.add(
                            control.signal(answer, StreamPosition.sourcePartition(server), before.toSourceOffset())));
        }
        tellSeam(seam, copied, met.copiedAgain(topics), records);
        return seam;
    }

    /**
     * @param copiedAgain by topic, the LSN below which a target has nothing that the source has
     * @param records what is said before it
     */
    private void tellSeam(
            StreamPosition position, CopyTally copied, Map<String, Lsn> copiedAgain, List<SourceRecord> records)
            throws InterruptedException {
        Anchor anchor = assignment.anchor();
        OffsetRanges.Snapshot ranges = copied.copied().values().stream()
                .map(CopiedTable::ranges)
                .reduce(OffsetRanges.Snapshot.EMPTY, OffsetRanges.Snapshot::union);
        long rows =
                copied.copied().values().stream().mapToLong(CopiedTable::rows).sum();
        List<String> copiedTopics = assignment.plan().tables().stream()
                .map(table -> topics.apply(table.id()))
                .distinct()
                .sorted()
                .toList();
        StreamOffset offset = position.toSourceOffset();
        records.addAll(new TableDoneRecords(server, copyRecords, topics).of(copied));
        records.add(copyRecords.seam(
                anchor,
                slot,
                new CopiedRows(rows, copiedTopics, ranges, copiedAgain),
                StreamPosition.sourcePartition(server),
                offset));
        LOG.info("The seam: {} rows are copied at {}; from here on only changes follow", rows, anchor);
        if (position.ended()) {
            records.add(control.end(anchor.generation(), anchor.lsn(), StreamPosition.sourcePartition(server), offset));
            LOG.info("Nothing is streamed after the seam (snapshot.mode=initial_only): the connector's work is over");
        }
        tell(records);
    }

    private void tell(List<SourceRecord> records) throws InterruptedException {
        queue.offer(records, 0, 0, 0, true, 0);
    }

    private void awaitTrue(Question<Boolean> question) throws InterruptedException {
        awaitValue(() -> Boolean.TRUE.equals(question.ask()) ? Boolean.TRUE : null);
    }

    /** Asks again and again until there is an answer: soon, but no more than half of the time. */
    private <T> T awaitValue(Question<T> question) throws InterruptedException {
        while (true) {
            long begun = System.nanoTime();
            T answer = question.ask();
            if (answer != null) {
                return answer;
            }
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            long pauseMs = Math.min(Math.max(tookMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
            if (stopped.await(pauseMs, TimeUnit.MILLISECONDS)) {
                throw new InterruptedException();
            }
        }
    }

    @FunctionalInterface
    private interface Question<T> {
        @Nullable
        T ask() throws InterruptedException;
    }
}
