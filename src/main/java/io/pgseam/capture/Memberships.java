package io.pgseam.capture;

import io.pgseam.capture.FitnessRules.Membership;
import io.pgseam.capture.FitnessRules.Problem;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.LeafState;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMembers;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.Relation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How tables are published at one look, or are going to be. */
final class Memberships {

    private final ReplicationSettings settings;
    private final boolean filtered;
    private final String role;
    private final Map<Long, Relation> all;
    private final @Nullable Publication publication;
    private final @Nullable PublicationMembers members;

    /**
     * @param role of the session
     * @param all the relations of the database, by OID
     */
    Memberships(Connection session, ReplicationSettings settings, String role, Map<Long, Relation> all)
            throws SQLException {
        this.settings = settings;
        this.filtered = settings.publicationMode() == PublicationMode.FILTERED;
        this.role = role;
        this.all = all;
        Publications publications = new Publications(session);
        publication = publications.find(settings.publicationName()).orElse(null);
        members = publication == null ? null : publications.members(publication);
    }

    /** Null if there is none yet. */
    @Nullable
    Publication publication() {
        return publication;
    }

    /** Whether the publication names this table itself. */
    boolean names(Relation table) {
        return members != null && members.tables().contains(table.oid());
    }

    /** How a table is published, or is going to be; null if it is not. */
    @Nullable
    Membership of(Relation table, List<LeafState> leaves) {
        if (publication == null || members == null) {
            return settings.publicationMode() == PublicationMode.DISABLED ? Membership.THEIRS : Membership.TO_BE_ADDED;
        }
        if (members.publish(table, all)) {
            return !publication.allTables() && isOurs(publication) ? Membership.OURS : Membership.THEIRS;
        }
        if (filtered && publication.owned()) {
            return Membership.TO_BE_ADDED;
        }
        boolean inPart = leaves.stream().anyMatch(leaf -> publishes(leaf, table));
        return inPart ? Membership.THEIRS : null;
    }

    /**
     * Whether changes of a leaf are published, or are going to be: a publication that is not the connector's may hold some partitions of a table
     * only.
     *
     * @param table the captured table that the leaf is of
     */
    boolean publishes(LeafState leaf, Relation table) {
        if (publication == null || members == null || members.publish(table, all)) {
            return true;
        }
        if (filtered && publication.owned()) {
            return true;
        }
        Relation relation = all.get(leaf.oid());
        return relation != null && members.publish(relation, all);
    }

    /** Why a table that is not published yet cannot be; null if it can. */
    @Nullable
    Problem adding(Relation table) {
        if (table.owned() || !filtered) {
            return null;
        }
        return new Problem(
                Unfitness.NOT_OWNER,
                "role " + role + " does not own it",
                "make the role a member of its owner (GRANT owner TO " + TableId.quoteIdentifier(role)
                        + "), or have the owners make the publication, and set publication.autocreate.mode to disabled");
    }

    /** Why a table is not captured if {@link #of} says that it is not published. */
    Problem notPublished(Relation table) {
        String name = settings.publicationName();
        return new Problem(
                Unfitness.NOT_PUBLISHED,
                "publication " + name
                        + (publication == null || publication.owned() ? "" : ", which role " + role + " does not own"),
                "have the publication's owner run ALTER PUBLICATION " + TableId.quoteIdentifier(name) + " ADD TABLE "
                        + table.id().quoted());
    }

    /** Whether partitions are, or are going to be, published as rows of their partitioned table. */
    boolean viaRoot() {
        boolean wanted = settings.publishViaPartitionRoot();
        if (publication == null) {
            return wanted;
        }
        return isOurs(publication) ? wanted : publication.viaPartitionRoot();
    }

    private boolean isOurs(Publication found) {
        return filtered && found.isMadeFor(settings.slotName());
    }
}
