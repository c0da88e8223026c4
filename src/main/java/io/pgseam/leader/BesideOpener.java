package io.pgseam.leader;

import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Phase;
import io.pgseam.phase.Phase.CatchingUp;
import io.pgseam.phase.Phase.Copying;
import io.pgseam.phase.Phase.OpeningBeside;
import io.pgseam.snapshot.CopyPlan;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens anchors for tables that are added, each by a thread of its own: it may have to wait for hours, and the stream is to be looked after
 * meanwhile. The thread ends with the leader's sessions: whatever it waits for, it waits in one of them.
 */
final class BesideOpener {

    private static final Logger LOG = LoggerFactory.getLogger(BesideOpener.class);
    private static final long BETWEEN_RESTARTS_NANOS = Duration.ofSeconds(1).toNanos();

    private final AnchorOpener opener;
    private final CoverageCheck coverage;
    private final BlockedLook blocked;
    private @Nullable Attempt attempt;

    /** When it was seen that the stream has split, as {@link System#nanoTime}; 0 if it was not. */
    private long splitSince;

    BesideOpener(AnchorOpener opener, CoverageCheck coverage, BlockedLook blocked) {
        this.blocked = blocked;
        this.opener = opener;
        this.coverage = coverage;
    }

    /** One anchor. */
    private static final class Attempt {
        private @Nullable HeldAnchor opened;
        private @Nullable Exception failure;
        private boolean abandoned;

        synchronized void opened(HeldAnchor anchor) {
            opened = anchor;
            if (abandoned) {
                anchor.close();
            }
        }

        synchronized void failed(Exception e) {
            failure = e;
        }

        synchronized void abandon() {
            abandoned = true;
            if (opened != null) {
                opened.close();
            }
        }
    }

    /**
     * Begins to open the anchor, or looks whether it is open.
     *
     * @param earlier the plan all of which is copied
     * @return the anchor; null while it is being opened, and if it could not be: then the stream continues as before until the next look
     */
    @Nullable
    HeldAnchor open(OpeningBeside beside, CopyPlan earlier) {
        Attempt current = attempt;
        if (current == null) {
            attempt = begin(beside, earlier);
            return null;
        }
        synchronized (current) {
            if (current.failure != null) {
                attempt = null;
                coverage.giveUpAdding();
                if (current.failure instanceof SQLException e) {
                    blocked.failed(e);
                }
                LOG.warn(
                        "No anchor could be opened for tables that are to be added; all others keep streaming. The next attempt comes with"
                                + " the next look at the tables (table.check.interval.ms): {}",
                        describe(current.failure));
            } else if (current.opened != null) {
                attempt = null;
            }
            return current.opened;
        }
    }

    private Attempt begin(OpeningBeside beside, CopyPlan earlier) {
        LOG.info("Opening anchor {} beside the stream: {}", beside.generation(), beside.reason());
        AddedTables added = coverage.added();
        Attempt begun = new Attempt();
        Thread thread = new Thread(
                () -> {
                    try {
                        begun.opened(opener.openBeside(beside.generation(), earlier, added));
                    } catch (SQLException | RuntimeException e) {
                        begun.failed(e);
                    }
                },
                "pgseam-anchor-opening");
        thread.setDaemon(true);
        thread.start();
        return begun;
    }

    private static String describe(Exception failure) {
        return failure instanceof SQLException e ? SqlErrors.describe(e) : String.valueOf(failure.getMessage());
    }

    /**
     * Lets live topics stream for a moment between two restarts of the stream: when it has split, and when rows are copied. Otherwise both would
     * add up, because the split is committed before the first change is read.
     *
     * @param next the phase that the facts ask for
     * @return that one, or the present one for a moment more
     */
    Phase apart(@Nullable Phase phase, Phase next, @Nullable HeldAnchor held) {
        if (!(phase instanceof CatchingUp catchingUp) || !(next instanceof Copying) || held == null || !held.added()) {
            splitSince = 0;
            return next;
        }
        long now = System.nanoTime();
        splitSince = splitSince == 0 ? now : splitSince;
        return now - splitSince < BETWEEN_RESTARTS_NANOS ? catchingUp : next;
    }

    /** The anchor is not needed any more: its snapshot is released as soon as it is there. */
    void abandon() {
        if (attempt != null) {
            attempt.abandon();
            attempt = null;
        }
    }
}
