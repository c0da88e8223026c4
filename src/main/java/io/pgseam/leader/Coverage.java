package io.pgseam.leader;

import io.pgseam.capture.TableSelection;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.PublishedTable;
import io.pgseam.pg.catalog.PublishedTables;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How what copy and stream cover differs from what is captured now: tables come and go, by settings and in the source.
 *
 * @param uncovered what is selected, and neither copied nor streamed yet
 * @param lost what is covered, still there, and captured no longer
 * @param republished what is covered and captured, but was published in another way since, or could not be sent: changes are missing
 * @param requested what is covered and captured, and is to be copied again because a signal asked for it
 */
record Coverage(Set<TableId> uncovered, Set<TableId> lost, Set<TableId> republished, Set<TableId> requested) {

    private static final Logger LOG = LoggerFactory.getLogger(Coverage.class);

    private static final int MOST_NAMES = 10;

    /**
     * Compares the two.
     *
     * @param covered the plan whose relations are copied, and streamed ever since
     * @param selection the tables to capture
     * @param ledger knows the partitions that are covered though the plan does not have them, and miss changes
     * @throws SQLException if the source does not answer, or with SQLSTATE 42704 if the publication is dropped meanwhile
     */
    static Coverage of(
            CopyPlan covered, TableSelection selection, PgSeamSettings settings, Ledger ledger, Connection session)
            throws SQLException {
        Coverage coverage = new Coverage(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
        PublicationMode mode = settings.replication().publicationMode();
        Optional<Publication> publication =
                new Publications(session).find(settings.replication().publicationName());
        if (publication.isEmpty() && mode != PublicationMode.DISABLED) {
            // It was dropped. It is created again with the next anchor, and is another one then.
            selection.captured().forEach(table -> coverage.republished.add(table.id()));
            return coverage;
        }
        if (publication.isEmpty()) {
            String name = settings.replication().publicationName();
            LOG.warn(
                    "There is no publication \"{}\" any more, so changes are missing in the topics. Create it again; then its"
                            + " tables are copied again",
                    name);
            return coverage;
        }
        if (mode == PublicationMode.FILTERED) {
            coverage.lookForUnpublished(publication.get(), selection, session);
        }
        coverage.compare(covered, selection, settings, ledger, session);
        if (!coverage.republished.isEmpty() && !publishesEveryChange(publication.get())) {
            // Copied rows would be outdated at once: waits until this is put right.
            LOG.warn(
                    "Publication \"{}\" no longer publishes all of insert, update and delete, so changes are missing in the"
                            + " topics. Run ALTER PUBLICATION {} SET (publish = 'insert, update, delete, truncate'); then"
                            + " {} tables are copied again",
                    publication.get().name(),
                    TableId.quoteIdentifier(publication.get().name()),
                    coverage.republished.size());
            coverage.republished.clear();
            coverage.requested.clear();
        }
        return coverage;
    }

    private static boolean publishesEveryChange(Publication publication) {
        return publication.insert() && publication.update() && publication.delete();
    }

    /** What is to be captured and the connector's own publication does not have yet. */
    private void lookForUnpublished(Publication publication, TableSelection selection, Connection session)
            throws SQLException {
        new Publications(session)
                .missing(publication, selection.names())
                .forEach(relation -> uncovered.add(relation.id()));
    }

    private void compare(
            CopyPlan covered, TableSelection selection, PgSeamSettings settings, Ledger ledger, Connection session)
            throws SQLException {
        PublicationVersions versions =
                PublicationVersions.read(session, settings.replication().publicationName());
        Map<Long, PlannedRelation> left = new HashMap<>();
        covered.relations().forEach(relation -> left.put(relation.oid(), relation));
        Map<Long, TableId> streamedOnly = new HashMap<>();
        for (PublishedTable table : PublishedTables.read(
                session,
                settings.replication().publicationName(),
                settings.capture()::includesTable,
                selection::captures)) {
            String version = versions.of(table.oid(), table.member());
            for (PublishedTable.Leaf leaf : table.leaves()) {
                PlannedRelation known = left.remove(leaf.oid());
                if (!isCovered(table, leaf, known, covered, version)) {
                    uncovered.add(leaf.id());
                } else if (known == null) {
                    streamedOnly.put(leaf.oid(), leaf.id());
                } else if (known.table().isRequested()) {
                    requested.add(table.id());
                } else if (!known.table().isPublishedBy(version)) {
                    republished.add(table.id());
                } else if (!known.isAt(versions.placeOf(leaf.oid(), table.member()))) {
                    republished.add(leaf.id());
                } else if (known.isAskedFor()) {
                    requested.add(table.id());
                }
            }
        }
        streamedOnly.keySet().retainAll(ledger.missed(streamedOnly.keySet()).keySet());
        republished.addAll(streamedOnly.values());
        if (left.isEmpty()) {
            return;
        }
        // What was dropped does not come back under its OID: there is nothing to forget, but a person may wait for an
        // answer.
        Set<Long> present = new RelationCatalog(session).relations().keySet();
        left.values().stream()
                .filter(relation -> present.contains(relation.oid()) || relation.isAskedFor())
                .forEach(relation -> lost.add(relation.relation()));
    }

    /**
     * Whether a leaf is copied or needs no copy, and is streamed.
     *
     * @param known the relation of this OID in the plan; null if there is none
     * @param version the version of the publication by which it is published now
     */
    static boolean isCovered(
            PublishedTable table,
            PublishedTable.Leaf leaf,
            @Nullable PlannedRelation known,
            CopyPlan covered,
            String version) {
        if (known == null) {
            // Its first row came by the stream, and nothing has to be copied.
            return leaf.madeInside() && covered.covers(table.member(), version);
        }
        return known.relation().equals(leaf.id()) && known.table().id().equals(table.id());
    }

    /** Whether everything that is covered is captured as before, and there is something that is not covered. */
    boolean isOnlyOfNewTables() {
        return lost.isEmpty() && republished.isEmpty() && requested.isEmpty() && !uncovered.isEmpty();
    }

    /** Where and how the two differ; null where they do not. */
    @Nullable
    String gap() {
        if (uncovered.isEmpty() && lost.isEmpty() && republished.isEmpty() && requested.isEmpty()) {
            return null;
        }
        if (uncovered.isEmpty() && lost.isEmpty() && republished.isEmpty()) {
            return "signals ask for another copy of " + names(requested);
        }
        return "what is captured has changed:"
                + (uncovered.isEmpty() ? "" : " not copied yet: " + names(uncovered) + ".")
                + (lost.isEmpty() ? "" : " No longer captured: " + names(lost) + ".")
                + (republished.isEmpty()
                        ? ""
                        : " Changes are missing or may be (the publication was changed, or no record could be made of them): "
                                + names(republished) + ".")
                + (requested.isEmpty() ? "" : " To be copied again, by signals: " + names(requested) + ".");
    }

    private static String names(Collection<TableId> tables) {
        String first = tables.stream().limit(MOST_NAMES).map(TableId::toString).collect(Collectors.joining(", "));
        return tables.size() <= MOST_NAMES ? first : first + " and " + (tables.size() - MOST_NAMES) + " more";
    }
}
