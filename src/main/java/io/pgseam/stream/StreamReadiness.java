package io.pgseam.stream;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.CopyTally;
import io.pgseam.stream.StreamAssignment.Goal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a stream task looks for itself before its first change, by the ledger and the source: whether the copy is as far as it has to
 * be. Says in the log what is waited for.
 */
final class StreamReadiness {

    private static final Logger LOG = LoggerFactory.getLogger(StreamReadiness.class);
    private static final long WAITING_LOG_NANOS = Duration.ofSeconds(10).toNanos();

    private final StreamAssignment assignment;
    private final Ledger ledger;
    private final SourceCatalog catalog;
    private final CopyTally everything;

    /** Of the tables whose topics keep streaming while rows are copied to others. */
    private final CopyTally live;

    private long lastWaitingLog = System.nanoTime() - WAITING_LOG_NANOS;

    /** @param topics the topic of a table */
    StreamReadiness(
            StreamAssignment assignment, Ledger ledger, SourceCatalog catalog, Function<TableId, String> topics) {
        this.assignment = assignment;
        this.ledger = ledger;
        this.catalog = catalog;
        Set<String> liveTopics = assignment.plan().goingOn(assignment.anchor().generation());
        this.everything = CopyTally.ofTables(assignment.plan(), assignment.anchor(), table -> true);
        this.live = CopyTally.ofTables(
                assignment.plan(), assignment.anchor(), table -> liveTopics.contains(topics.apply(table.id())));
    }

    /**
     * Invariant I4: rows of an older anchor must not come after changes that are newer. Connect may start this task on one
     * worker while another one still stops the copy tasks of that anchor; without exactly-once support nothing else keeps
     * them apart.
     */
    boolean copyTasksAreAtWork() {
        try {
            boolean copying = catalog.isCopying();
            if (copying) {
                logWaiting(
                        "Not catching up yet: copy tasks of an anchor before {} are still at work",
                        assignment.anchor());
            }
            return copying;
        } catch (SQLException e) {
            logWaiting("Not catching up yet, the source does not answer: {}", SqlErrors.describe(e));
            return true;
        }
    }

    /**
     * Whether the stream may continue beside the copy: it stands at the anchor, where the topics that are copied to wait, and the ledger
     * calls everything done that was to be copied to the others (invariant I2). Not where Connect has started a stored task of a copy
     * that is over.
     */
    boolean goesOnBesideCopy(StreamPosition position) {
        Anchor anchor = assignment.anchor();
        boolean isThere = position.hasReached(anchor) && !position.isPast(anchor);
        if (!(isThere || position.waitsAt(anchor))
                || position.caughtUp() > anchor.generation()
                || position.seam() >= anchor.generation()) {
            logWaiting("Not streaming beside the copy at {}: the stream is at {}", anchor, position);
            return false;
        }
        return isComplete(live);
    }

    /**
     * Whether the anchor was opened while the stream was passing over the tables that are copied at it, and nothing says yet that their topics
     * lag from there on. In any other case the stream has caught up with the anchor before this assignment is made.
     */
    boolean hasToSplit(StreamPosition position) {
        return position.caughtUp() < assignment.anchor().generation()
                && position.caughtUp() == position.seam()
                && !position.isSplit();
    }

    /**
     * The position at the seam, from which the stream continues.
     *
     * @param before the committed position; null if nothing is streamed yet
     */
    StreamPosition atSeam(@Nullable StreamPosition before) {
        return StreamPosition.atSeam(before, assignment.anchor(), assignment.goal() == Goal.END);
    }

    /** Invariant I2: every chunk of the anchor is done by the committed offsets, or nothing is streamed; null if some are not. */
    @Nullable
    CopyTally copied() {
        return isComplete(everything) ? everything : null;
    }

    private boolean isComplete(CopyTally tally) {
        if (tally.look(ledger)) {
            return true;
        }
        logWaiting(
                "Not streaming yet: the committed offsets call {} of {} chunks of {} done",
                tally.chunksDone(),
                tally.chunks(),
                assignment.anchor());
        return false;
    }

    /** Says what is waited for, now and then. */
    void logWaiting(String message, Object... arguments) {
        if (System.nanoTime() - lastWaitingLog >= WAITING_LOG_NANOS) {
            lastWaitingLog = System.nanoTime();
            LOG.info(message, arguments);
        }
    }
}
