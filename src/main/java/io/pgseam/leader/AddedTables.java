package io.pgseam.leader;

import io.pgseam.capture.TableSelection;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.PublishedTable;
import io.pgseam.pg.catalog.PublishedTables;
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
 * The tables that can be added while the stream continues with all others: those with topics of their own, no change of which is in Kafka. The
 * stream sends none, published or not, before its plan has them.
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
     *     attached to a covered table and is published as that, or a new table whose topic a covered one has: the stream has to stop for it
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

        /** Whether every difference is a table with a topic of its own, no change of which was sent. */
        boolean find() throws SQLException {
            Optional<Publication> publication =
                    new Publications(session).find(settings.replication().publicationName());
            return publication.isPresent() && addUnpublished(publication.get()) && addPublished();
        }

        private boolean addUnpublished(Publication publication) throws SQLException {
            if (settings.replication().publicationMode() != PublicationMode.FILTERED) {
                return true;
            }
            Map<Long, Relation> all = new RelationCatalog(session).relations();
            for (Relation missing : new Publications(session).missing(publication, selection.names())) {
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

        /** FOR ALL TABLES, a publication of others, or an attempt that failed: the stream sends nothing that its plan does not cover. */
        private boolean addPublished() throws SQLException {
            String publication = settings.replication().publicationName();
            PublicationVersions versions = PublicationVersions.read(session, publication);
            for (PublishedTable table : PublishedTables.read(
                    session, publication, settings.capture()::includesTable, selection::captures)) {
                String version = versions.of(table.oid(), table.member());
                for (PublishedTable.Leaf leaf : table.leaves()) {
                    boolean isCovered = Coverage.isCovered(table, leaf, copied.get(leaf.oid()), covered, version);
                    if (!isCovered && !(add(table.oid(), table.id()) && add(leaf.oid(), table.id()))) {
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
