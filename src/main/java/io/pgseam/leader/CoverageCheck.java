package io.pgseam.leader;

import io.pgseam.capture.TableSelection;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.Phase;
import io.pgseam.phase.Phase.Halting;
import io.pgseam.phase.Phase.Reanchoring;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time whether copy and stream cover what is captured. The newest plan in the ledger says what they cover.
 * Belongs to the leader's thread.
 */
final class CoverageCheck {

    private static final Logger LOG = LoggerFactory.getLogger(CoverageCheck.class);

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final TableWatch tables;
    private final PublicationKeeper publication;
    private long lastLook = System.nanoTime();

    CoverageCheck(PgSeamSettings settings, Sessions sessions, Ledger ledger, TableWatch tables) {
        this.tables = tables;
        this.publication = new PublicationKeeper(settings, tables);
        this.settings = settings;
        this.sessions = sessions;
        this.ledger = ledger;
    }

    /**
     * How the two differ; null where they do not, or where it is not yet time to look. Looked for only while the stream is at
     * its work: before, the plan is made or taken over anyway.
     *
     * @param phase the phase so far; null at the start, when it is always time to look
     */
    @Nullable
    String gap(@Nullable StreamPosition stream, @Nullable Phase phase) throws SQLException {
        PlanState covered = settings.snapshot().mode() == SnapshotMode.INITIAL_ONLY ? null : ledger.plan();
        if (covered == null || stream == null || stream.seam() < covered.generation()) {
            return null;
        }
        if (phase instanceof Halting halting) {
            return halting.reason();
        }
        if (phase instanceof Reanchoring reanchoring) {
            // The anchor could not be opened, and is still needed.
            return reanchoring.reason();
        }
        long now = System.nanoTime();
        int interval = settings.snapshot().tableCheckIntervalMs();
        if (phase != null && (interval == 0 || now - lastLook < TimeUnit.MILLISECONDS.toNanos(interval))) {
            return null;
        }
        try {
            String gap = look(covered);
            lastLook = now;
            return gap;
        } catch (SQLException e) {
            // With other settings than before, nothing may be streamed before it is known what they leave out.
            if (SqlErrors.isLockNotAvailable(e) && covered.scope().equals(settings.scope())) {
                LOG.debug("Could not look for tables that have come or gone: one is being altered", e);
                return null;
            }
            throw e;
        }
    }

    private @Nullable String look(PlanState covered) throws SQLException {
        try (PgConnection session = sessions.open("coverage")) {
            try (Statement statement = session.createStatement()) {
                // Nobody has to wait behind this look.
                statement.execute("SET lock_timeout = '1s'");
            }
            CopyPlan plan = CopyPlanCodec.decode(covered.plan())
                    .coveredIn(settings.snapshot().mode());
            TableSelection selection = tables.select(session, plan);
            publication.withdraw(session, selection);
            return Coverage.of(plan, selection, settings, session).gap();
        }
    }
}
