package io.pgseam.leader;

import io.pgseam.capture.TableSelection;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.Facts.Gap;
import io.pgseam.phase.Phase;
import io.pgseam.phase.Phase.Halting;
import io.pgseam.phase.Phase.MakingWay;
import io.pgseam.phase.Phase.OpeningBeside;
import io.pgseam.phase.Phase.Reanchoring;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.stream.StreamAssignment;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time whether copy and stream cover what is captured. The newest plan in the ledger says what they cover.
 * Belongs to the leader's thread.
 */
final class CoverageCheck {

    private static final Logger LOG = LoggerFactory.getLogger(CoverageCheck.class);

    /** Without looks in between, so often it is tried to add tables that were found while others were being added. */
    private static final int POSTPONED_MS = 1_000;

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final PlanReader plans;
    private final TableWatch tables;
    private final PublicationKeeper publication;
    private final AnchorPreparation preparation;
    private final BlockedLook blocked;
    private long lastLook = System.nanoTime();
    private String reason = "";
    private AddedTables added = AddedTables.NONE;
    /** Whether the look at the start is still to come, because the seam was not committed then. */
    private boolean isDue;

    /** The requests for copies of the last look. */
    private CopyRequests requests = CopyRequests.NONE;

    CoverageCheck(
            PgSeamSettings settings,
            Sessions sessions,
            Ledger ledger,
            PlanReader plans,
            AnchorOpener opener,
            BlockedLook blocked) {
        this.plans = plans;
        this.tables = opener.tables();
        this.preparation = new AnchorPreparation(opener);
        this.publication = opener.publication();
        this.blocked = blocked;
        this.settings = settings;
        this.sessions = sessions;
        this.ledger = ledger;
    }

    /**
     * How the two differ; null where they do not, or where it is not yet time to look. Looked for only while the stream is at
     * its work: before, the plan is made or taken over anyway.
     *
     * @param phase the phase so far; null at the start, when it is always time to look
     * @param reader what the session that reads the slot calls itself; null if there is none
     */
    @Nullable
    Gap gap(@Nullable StreamPosition stream, @Nullable Phase phase, @Nullable String reader) throws SQLException {
        PlanState covered = settings.snapshot().mode() == SnapshotMode.INITIAL_ONLY ? null : ledger.plan();
        if (covered == null || stream == null || stream.seam() < covered.generation()) {
            isDue |= covered != null && phase == null;
            return null;
        }
        if (phase instanceof Halting halting && halting.reason().equals(reason)) {
            return new Gap(halting.reason(), Set.of(), false);
        }
        if (phase instanceof Reanchoring reanchoring) {
            // The anchor could not be opened, and is still needed.
            return new Gap(reanchoring.reason(), Set.of(), false);
        }
        if (phase instanceof MakingWay || phase instanceof OpeningBeside) {
            // Once seen, it stays: a task that is started again gets the same configuration.
            boolean passedOver = phase instanceof OpeningBeside || isPassedOver(reader);
            return added.isEmpty() ? null : new Gap(reason, added.oids(), passedOver);
        }
        long now = System.nanoTime();
        int interval = settings.snapshot().tableCheckIntervalMs();
        // A stream that was stopped for another reason has committed its seam by now: it is time to look.
        boolean mayWait = phase != null && !(phase instanceof Halting);
        isDue |= !stream.requests().equals(requests) && !stream.requests().isEmpty();
        boolean waits =
                !isDue && ((interval == 0 && !isPostponed(stream)) || now - lastLook < nanosBetweenLooks(interval));
        if (mayWait && waits && !preparation.isOver()) {
            return null;
        }
        try {
            boolean prepared = look(covered, stream.requests(), mayWait);
            requests = stream.requests();
            lastLook = now;
            isDue = false;
            return reason.isEmpty() || !prepared ? null : new Gap(reason, added.oids(), isPassedOver(reader));
        } catch (SQLException e) {
            blocked.failed(e);
            // With other settings than before, nothing may be streamed before it is known what they leave out.
            if (isChanging(e) && covered.scope().equals(settings.scope())) {
                LOG.debug(
                        "Could not look for tables that have come or gone: one, or the publication, is being altered",
                        e);
                return null;
            }
            throw e;
        }
    }

    /**
     * Looks while rows are copied. PostgreSQL refuses the application's updates of a published table whose key is gone, and the
     * application must not have to wait until the copy ends. The copy of the table continues; once the stream is at its work, the next look finds that it is not captured any more.
     *
     * @param plan what is copied
     */
    void lookWhileCopying(CopyPlan plan) throws SQLException {
        long now = System.nanoTime();
        int interval = settings.snapshot().tableCheckIntervalMs();
        if (interval == 0 || now - lastLook < nanosBetweenLooks(interval)) {
            return;
        }
        lastLook = now;
        try (PgConnection session = sessions.open("coverage")) {
            publication.withdraw(session, tables.select(session, plan));
        }
    }

    /** Whether a table or the publication was being altered or was dropped during the look. The next look finds the outcome. */
    private static boolean isChanging(SQLException e) {
        return SqlErrors.isLockNotAvailable(e)
                || PSQLState.UNDEFINED_OBJECT.getState().equals(e.getSQLState());
    }

    /** Whether what the last look found has to wait until other tables, which were added before, have caught up; and they have. */
    private boolean isPostponed(StreamPosition stream) {
        return !added.isEmpty() && !stream.isSplit();
    }

    private static long nanosBetweenLooks(int interval) {
        return TimeUnit.MILLISECONDS.toNanos(interval == 0 ? POSTPONED_MS : interval);
    }

    private boolean isPassedOver(@Nullable String reader) {
        return sessions.applicationName(StreamAssignment.sessionRole(added.oids()))
                .equals(reader);
    }

    /** The tables of the last gap that can be added while the stream continues with all others. */
    AddedTables added() {
        return added;
    }

    /** The anchor for them could not be opened: the stream continues as before, until the next look. */
    void giveUpAdding() {
        added = AddedTables.NONE;
        preparation.forget();
        lastLook = System.nanoTime();
    }

    /** Whether the next look, or an anchor that it needs, waits only for what ends any time: the stream's seam, or a preparation. */
    boolean isAwaited() {
        return isDue || !added.isEmpty() || preparation.isBegun();
    }

    /**
     * Looks, and has an anchor prepared that is needed.
     *
     * @param asked the copies that signals ask for
     * @param streams whether the stream is at its work
     * @return whether the stream may be touched for what was found
     */
    private boolean look(PlanState covered, CopyRequests asked, boolean streams) throws SQLException {
        CopyPlan plan = plans.read(covered.plan())
                .coveredIn(settings.snapshot().mode())
                .withRequested(asked)
                .withMissed(ledger::missed);
        try (PgConnection session = sessions.open("coverage")) {
            try (Statement statement = session.createStatement()) {
                // No session has to wait behind this look.
                statement.execute("SET lock_timeout = '1s'");
            }
            TableSelection selection = tables.select(session, plan, plan.toCopyAgain());
            publication.withdraw(session, selection);
            publication.publishSignals(session);
            if (selection.captured().isEmpty() && !selection.setAside().isEmpty()) {
                // There is nothing to make a plan of: the stream stays as it is until a table is fit again.
                reason = "";
                added = AddedTables.NONE;
                return isPrepared(plan, selection, streams);
            }
            Coverage difference = Coverage.of(plan, selection, settings, ledger, session);
            String gap = difference.gap();
            reason = gap == null ? "" : gap;
            added = difference.isOnlyOfNewTables()
                    ? AddedTables.of(plan, selection, settings, session)
                    : AddedTables.NONE;
            return isPrepared(plan, selection, streams);
        }
    }

    /**
     * Whether whatever an anchor has to wait for was waited for, while the stream continues. With other settings than before, nothing may be
     * streamed before it is known what they leave out; only new tables may wait. A stream that is to end has no time to wait.
     */
    private boolean isPrepared(CopyPlan plan, TableSelection selection, boolean streams) {
        if (reason.isEmpty()) {
            preparation.forget();
            return true;
        }
        boolean mayGoOn = streams || !added.isEmpty();
        if (!mayGoOn || settings.stream().limits().end() != null) {
            return true;
        }
        boolean done = preparation.isDone(reason, plan, selection, added);
        if (!done && !preparation.isBegun()) {
            // It has failed. The next attempt is for the next look.
            added = AddedTables.NONE;
        }
        return done;
    }
}
