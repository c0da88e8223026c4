package io.pgseam.leader;

import io.pgseam.capture.TableSelection;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.snapshot.CopyPlan;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for what the opening of an anchor would have to wait for, before the stream is touched: VACUUM and CREATE INDEX CONCURRENTLY on a table
 * that is to be published, and every transaction that is older than a slot. Waits in a thread of its own, without end; the log says for whom.
 * What begins after it has to be waited for when the anchor is opened, but no old transaction.
 *
 * <p>There is one thread at a time, however often it changes what an anchor is needed for. Used by the leader's thread.
 */
final class AnchorPreparation {

    private static final Logger LOG = LoggerFactory.getLogger(AnchorPreparation.class);

    private final AnchorOpener opener;
    private @Nullable Attempt attempt;

    AnchorPreparation(AnchorOpener opener) {
        this.opener = opener;
    }

    /** One wait. */
    private static final class Attempt {
        private final String reason;
        private volatile boolean over;
        private boolean asked;
        private volatile @Nullable String failure;

        Attempt(String reason) {
            this.reason = reason;
        }
    }

    /**
     * Whether nothing is in the way of an anchor; else begins to wait, if that is not being done.
     *
     * @param reason why the anchor is needed
     * @param earlier the plan that the anchor is to follow
     * @param selection the tables to publish
     * @param added those of them that are copied while the stream passes over them; none if it has to stop
     */
    boolean isDone(String reason, CopyPlan earlier, TableSelection selection, AddedTables added) {
        Attempt current = attempt;
        if (current != null && !current.over) {
            return false;
        }
        if (current != null && current.failure != null) {
            LOG.warn(
                    "No anchor can be opened yet; the stream continues. The next attempt comes with the next look at the tables"
                            + " (table.check.interval.ms): {}",
                    current.failure);
            attempt = null;
            return false;
        }
        if (current != null && (!current.asked || current.reason.equals(reason))) {
            // Also if more is needed by now: or the waiting would never end where tables come all the time.
            current.asked = true;
            return true;
        }
        attempt = begin(reason, earlier, selection, added);
        return false;
    }

    private Attempt begin(String reason, CopyPlan earlier, TableSelection selection, AddedTables added) {
        LOG.info("Preparing an anchor, while the stream continues: {}", reason);
        Attempt begun = new Attempt(reason);
        Thread thread = new Thread(
                () -> {
                    try {
                        opener.prepare(earlier, selection, added);
                    } catch (SQLException e) {
                        begun.failure = SqlErrors.describe(e);
                    } catch (RuntimeException e) {
                        begun.failure = String.valueOf(e.getMessage());
                    } finally {
                        begun.over = true;
                    }
                },
                "pgseam-anchor-preparation");
        thread.setDaemon(true);
        thread.start();
        return begun;
    }

    /** Whether a wait is under way, or is over and its result was not asked for. */
    boolean isBegun() {
        return attempt != null && !attempt.asked;
    }

    /** Whether a wait is over, and its result was not asked for. */
    boolean isOver() {
        return attempt != null && attempt.over && !attempt.asked;
    }

    /** The anchor is open, or is not needed any more: the next one has to wait again. */
    void forget() {
        if (attempt != null && attempt.over) {
            attempt = null;
        }
    }
}
