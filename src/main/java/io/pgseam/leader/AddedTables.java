package io.pgseam.leader;

import io.pgseam.capture.TableSelection;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tables that can be added while the stream goes on with all others: those with topics of their own that are not published yet, so that
 * no change of them is in Kafka.
 *
 * @param oids under which their changes are published
 * @param selection the tables that were to be captured when they were found, with these
 */
record AddedTables(Set<Long> oids, TableSelection selection) {

    static final AddedTables NONE = new AddedTables(
            Set.of(), new TableSelection(List.of(), Map.of(), Set.of(), List.of(), List.of(), List.of()));

    /**
     * Looks for them.
     *
     * @param covered the plan whose relations are copied, and streamed ever since
     * @param selection the tables to capture
     * @return empty if any difference between what is covered and what is captured is of another kind, such as a partition with rows that was
     *     attached to a covered table, a new table whose topic a covered one has, or one that is published already: the stream has to stop for it
     */
    static AddedTables of(CopyPlan covered, TableSelection selection, PgSeamSettings settings, Connection session)
            throws SQLException {
        if (settings.snapshot().mode() != SnapshotMode.INITIAL
                || covered.relations().isEmpty()) {
            return NONE;
        }
        Finder finder = new Finder(covered, selection, settings, session);
        return finder.find() ? new AddedTables(Set.copyOf(finder.oids), selection) : NONE;
    }

    boolean isEmpty() {
        return oids.isEmpty();
    }

    /** One look. */
    private static final class Finder {

        private final CopyPlan covered;
        private final TableSelection selection;
        private final PgSeamSettings settings;
        private final Connection session;
        private final Map<Long, PlannedRelation> copied = new HashMap<>();
        private final Set<Long> known = new HashSet<>();
        private final Set<String> topics = new HashSet<>();
        private final Set<Long> oids = new HashSet<>();

        Finder(CopyPlan covered, TableSelection selection, PgSeamSettings settings, Connection session) {
            this.covered = covered;
            this.selection = selection;
            this.settings = settings;
            this.session = session;
            for (PlannedRelation relation : covered.relations()) {
                copied.put(relation.oid(), relation);
                known.add(relation.oid());
                known.add(relation.table().oid());
                topics.add(settings.topics().topicFor(relation.table().id()));
            }
        }

        /** Whether every difference is a table that is not published yet, with a topic of its own. */
        boolean find() throws SQLException {
            return addUnpublished() && allPublishedIsCovered();
        }

        private boolean addUnpublished() throws SQLException {
            if (settings.replication().publicationMode() != PublicationMode.FILTERED) {
                return false;
            }
            Publications publications = new Publications(session);
            Optional<Publication> publication =
                    publications.find(settings.replication().publicationName());
            if (publication.isEmpty()) {
                return false;
            }
            Map<Long, Relation> all = new RelationCatalog(session).relations();
            for (Relation missing : publications.missing(publication.get(), selection.names())) {
                for (Relation relation : all.values()) {
                    boolean isPart = relation.oid() == missing.oid()
                            || relation.ancestors().contains(missing.oid());
                    if (isPart && !add(relation.oid(), relation.id())) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** Changes of what is published already may be in Kafka: if the stream passed over a delete from here on, the row would stay there. */
        private boolean allPublishedIsCovered() throws SQLException {
            String publication = settings.replication().publicationName();
            PublicationVersions versions = PublicationVersions.read(session, publication);
            for (CapturedTable table : new Catalog(session)
                    .capturedTables(
                            publication,
                            settings.capture()::includesTable,
                            settings.capture()::includesColumn,
                            selection::captures)) {
                String version = versions.of(table.oid(), table.member());
                for (Leaf leaf : table.leaves()) {
                    if (!Coverage.isCovered(table, leaf, copied.get(leaf.oid()), covered, version)) {
                        return false;
                    }
                }
            }
            return true;
        }

        private boolean add(long oid, TableId id) {
            oids.add(oid);
            return !known.contains(oid) && !topics.contains(settings.topics().topicFor(id));
        }
    }
}
