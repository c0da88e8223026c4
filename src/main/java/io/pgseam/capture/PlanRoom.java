package io.pgseam.capture;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out whether the plan of the selected tables fits into a task's configuration. */
public final class PlanRoom {

    private final PgSeamSettings settings;
    private final TableSelection selection;
    private final List<CapturedTable> tables;
    private final int blockSize;

    private PlanRoom(PgSeamSettings settings, TableSelection selection, List<CapturedTable> tables, int blockSize) {
        this.settings = settings;
        this.selection = selection;
        this.tables = tables;
        this.blockSize = blockSize;
    }

    /**
     * Looks at the columns and sizes of the selected tables.
     *
     * @throws SQLException with SQLSTATE 55P03 if another session alters one of them and the session's {@code lock_timeout} is over
     */
    public static PlanRoom of(Connection session, PgSeamSettings settings, TableSelection selection)
            throws SQLException {
        String publication = settings.replication().publicationName();
        Catalog catalog = new Catalog(session, settings.capture()::messageKey);
        List<CapturedTable> tables = catalog.capturedTables(
                selection.captured(),
                TableSelector.publishesViaRoot(
                        settings, new Publications(session).find(publication).orElse(null)),
                publication,
                settings.capture()::includesTable,
                settings.capture()::includesColumn);
        return new PlanRoom(settings, selection, tables, catalog.blockSize());
    }

    /**
     * Sets the added tables aside for which there is no room: the stream must not stop for them, only to find that out.
     *
     * @param covered the plan whose tables are covered
     * @throws SQLException as {@link #of} does
     */
    public static TableSelection settingAside(
            Connection session, PgSeamSettings settings, CopyPlan covered, TableSelection selection)
            throws SQLException {
        if (covered.relations().isEmpty() || selection.uncovered().isEmpty()) {
            return selection;
        }
        Set<Long> without = of(session, settings, selection).withoutRoom();
        return selection.settingAside(selection.captured().stream()
                .filter(table -> without.contains(table.oid()))
                .map(table -> SetAside.withoutRoom(table, settings.capture()))
                .toList());
    }

    /** Why the plan of all of them does not fit, and how much would; null if it fits. */
    public @Nullable String excess() {
        return CopyPlanCodec.excess(plan(Set.of()));
    }

    /**
     * The tables that have to wait until there is room. Tables that are covered already stay.
     *
     * @return OIDs of tables, the last ones by their names; none if the plan of all tables fits
     */
    public Set<Long> withoutRoom() {
        List<Long> uncovered = selection.captured().stream()
                .map(Relation::oid)
                .filter(selection.uncovered()::contains)
                .toList();
        int most = uncovered.size();
        if (fits(uncovered, most)) {
            return Set.of();
        }
        int fitting = 0;
        while (most - fitting > 1) {
            int middle = (fitting + most) / 2;
            if (fits(uncovered, middle)) {
                fitting = middle;
            } else {
                most = middle;
            }
        }
        return Set.copyOf(uncovered.subList(fitting, uncovered.size()));
    }

    private boolean fits(List<Long> uncovered, int count) {
        return CopyPlanCodec.excess(plan(new HashSet<>(uncovered.subList(count, uncovered.size())))) == null;
    }

    private CopyPlan plan(Set<Long> without) {
        List<CapturedTable> planned = new ArrayList<>();
        for (CapturedTable table : tables) {
            if (!without.contains(table.member())) {
                planned.add(table);
            }
        }
        long chunkBytes = CopyPlan.chunkBytes(planned, settings.snapshot().chunkBytes(), settings.tasksMax());
        return CopyPlan.of(planned, chunkBytes, blockSize, 1);
    }
}
