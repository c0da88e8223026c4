package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How what copy and stream cover differs from what is captured now: tables come and go, by settings and in the source.
 *
 * @param uncovered what is selected, and neither copied nor streamed yet
 * @param lost what is covered, still there, and captured no longer
 */
record Coverage(Set<TableId> uncovered, Set<TableId> lost) {

    private static final int MOST_NAMES = 10;

    /**
     * Compares the two.
     *
     * @param covered the plan whose relations are copied, and streamed ever since
     * @throws SQLException with SQLSTATE 42704 where there is no such publication, with 55P03 where somebody alters a captured
     *     table and the session's {@code lock_timeout} is over
     */
    static Coverage of(CopyPlan covered, PgSeamSettings settings, Connection session) throws SQLException {
        Coverage coverage = new Coverage(new TreeSet<>(), new TreeSet<>());
        coverage.lookForUnpublished(settings, session);
        coverage.compare(covered, settings, session);
        return coverage;
    }

    /** What the lists select and the connector's own publication does not have yet. */
    private void lookForUnpublished(PgSeamSettings settings, Connection session) throws SQLException {
        if (settings.replication().publicationMode() != PublicationMode.FILTERED) {
            return;
        }
        Publications publications = new Publications(session);
        Optional<Publication> publication =
                publications.find(settings.replication().publicationName());
        if (publication.isPresent()) {
            publications
                    .missing(publication.get(), settings.capture()::includesTable)
                    .forEach(relation -> uncovered.add(relation.id()));
        }
    }

    private void compare(CopyPlan covered, PgSeamSettings settings, Connection session) throws SQLException {
        Map<Long, PlannedRelation> left = new HashMap<>();
        covered.relations().forEach(relation -> left.put(relation.oid(), relation));
        for (CapturedTable table : new Catalog(session)
                .capturedTables(
                        settings.replication().publicationName(),
                        settings.capture()::includesTable,
                        settings.capture()::includesColumn)) {
            for (Leaf leaf : table.leaves()) {
                if (!isCovered(table, leaf, left.remove(leaf.oid()), covered)) {
                    uncovered.add(leaf.id());
                }
            }
        }
        if (left.isEmpty()) {
            return;
        }
        // What was dropped does not come back under its OID: there is nothing to forget.
        Set<Long> present = new RelationCatalog(session).relations().keySet();
        left.values().stream()
                .filter(relation -> present.contains(relation.oid()))
                .forEach(relation -> lost.add(relation.relation()));
    }

    private static boolean isCovered(
            CapturedTable table, Leaf leaf, @Nullable PlannedRelation known, CopyPlan covered) {
        if (known == null) {
            // Its first row came by the stream, and nothing has to be copied.
            return leaf.madeInside() && covered.covers(table.member());
        }
        return known.relation().equals(leaf.id()) && known.table().id().equals(table.id());
    }

    /** Where and how the two differ; null where they do not. */
    @Nullable
    String gap() {
        if (uncovered.isEmpty() && lost.isEmpty()) {
            return null;
        }
        return "what is captured has changed:"
                + (uncovered.isEmpty() ? "" : " not copied yet: " + names(uncovered) + ".")
                + (lost.isEmpty() ? "" : " No longer captured: " + names(lost) + ".");
    }

    private static String names(Collection<TableId> tables) {
        String first = tables.stream().limit(MOST_NAMES).map(TableId::toString).collect(Collectors.joining(", "));
        return tables.size() <= MOST_NAMES ? first : first + " and " + (tables.size() - MOST_NAMES) + " more";
    }
}
