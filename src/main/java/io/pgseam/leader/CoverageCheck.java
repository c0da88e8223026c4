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
import io.pgseam.pg.session.Sessions;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/** Compares what copy and stream cover with what is captured now: tables come and go, by settings and in the source. */
final class CoverageCheck {

    private static final int MOST_NAMES = 10;

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private final Set<TableId> added = new TreeSet<>();
    private final Set<TableId> removed = new TreeSet<>();

    CoverageCheck(PgSeamSettings settings, Sessions sessions) {
        this.settings = settings;
        this.sessions = sessions;
    }

    /**
     * How the two differ.
     *
     * @param covered the plan whose relations are copied, and streamed ever since
     * @return null where they do not
     * @throws SQLException with SQLSTATE 55P03 where somebody alters a captured table at the moment: nobody has to wait
     *     behind this look
     */
    @Nullable
    String gap(CopyPlan covered) throws SQLException {
        added.clear();
        removed.clear();
        try (PgConnection session = sessions.open("coverage")) {
            try (Statement statement = session.createStatement()) {
                statement.execute("SET lock_timeout = '1s'");
            }
            lookForUnpublished(session);
            compare(covered, session);
        }
        if (added.isEmpty() && removed.isEmpty()) {
            return null;
        }
        return "what is captured has changed:"
                + (added.isEmpty() ? "" : " not copied yet: " + names(added) + ".")
                + (removed.isEmpty() ? "" : " No longer captured: " + names(removed) + ".");
    }

    /** What the lists select and the connector's own publication does not have yet. */
    private void lookForUnpublished(PgConnection session) throws SQLException {
        if (settings.replication().publicationMode() != PublicationMode.FILTERED) {
            return;
        }
        Publications publications = new Publications(session);
        Optional<Publication> publication =
                publications.find(settings.replication().publicationName());
        if (publication.isPresent()) {
            publications
                    .missing(publication.get(), settings.capture()::includesTable)
                    .forEach(relation -> added.add(relation.id()));
        }
    }

    private void compare(CopyPlan covered, PgConnection session) throws SQLException {
        Map<Long, PlannedRelation> left = new HashMap<>();
        covered.relations().forEach(relation -> left.put(relation.oid(), relation));
        for (CapturedTable table : new Catalog(session)
                .capturedTables(
                        settings.replication().publicationName(),
                        settings.capture()::includesTable,
                        settings.capture()::includesColumn)) {
            for (Leaf leaf : table.leaves()) {
                PlannedRelation known = left.remove(leaf.oid());
                if (known == null
                        || !known.relation().equals(leaf.id())
                        || !known.table().id().equals(table.id())) {
                    added.add(leaf.id());
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
                .forEach(relation -> removed.add(relation.relation()));
    }

    private static String names(Collection<TableId> tables) {
        String first = tables.stream().limit(MOST_NAMES).map(TableId::toString).collect(Collectors.joining(", "));
        return tables.size() <= MOST_NAMES ? first : first + " and " + (tables.size() - MOST_NAMES) + " more";
    }
}
