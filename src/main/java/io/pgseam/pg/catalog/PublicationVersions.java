package io.pgseam.pg.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * By which rows of the catalogue a publication publishes its tables. A row is named by its OID and the transaction that wrote it
 * ({@code xmin}), so a row that was changed and changed back, or removed and added again, is another one: in between, changes of
 * the table may not have been published, and pgoutput does not say so.
 *
 * <p>Reads tables only: in a transaction that imported a snapshot it gives what was there at that snapshot.
 */
public final class PublicationVersions {

    private static final int VERSION_WITH_SCHEMAS = 15;

    private static final String PUBLICATION = "SELECT oid, xmin::text FROM pg_publication WHERE pubname = ?";

    private static final String MEMBERS =
            "SELECT r.prrelid, r.oid, r.xmin::text FROM pg_publication_rel r WHERE r.prpubid = ?::oid";

    private static final String MEMBERS_BY_SCHEMA = MEMBERS + """
             UNION ALL
            SELECT c.oid, s.oid, s.xmin::text
              FROM pg_publication_namespace s
              JOIN pg_class c ON c.relnamespace = s.pnnspid AND c.relkind IN ('r', 'p')
             WHERE s.pnpubid = ?::oid
            """;

    private final String publication;
    private final Map<Long, SortedSet<String>> rows;
    private final Placements placements;

    private PublicationVersions(String publication, Map<Long, SortedSet<String>> rows, Placements placements) {
        this.publication = publication;
        this.rows = rows;
        this.placements = placements;
    }

    /** No publication. */
    public static final PublicationVersions NONE = new PublicationVersions("", Map.of(), Placements.NONE);

    /**
     * Reads the rows of a publication.
     *
     * @param name its name; if there is no such publication, no table has a version
     * @throws SQLException if the source does not answer
     */
    public static PublicationVersions read(Connection session, String name) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(PUBLICATION)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return NONE;
                }
                long oid = row.getLong(1);
                boolean schemas = session.getMetaData().getDatabaseMajorVersion() >= VERSION_WITH_SCHEMAS;
                return new PublicationVersions(
                        version(oid, row.getString(2)),
                        members(session, oid, schemas),
                        Placements.read(session, oid, schemas));
            }
        }
    }

    private static Map<Long, SortedSet<String>> members(Connection session, long publication, boolean schemas)
            throws SQLException {
        Map<Long, SortedSet<String>> members = new TreeMap<>();
        try (PreparedStatement statement = session.prepareStatement(schemas ? MEMBERS_BY_SCHEMA : MEMBERS)) {
            statement.setLong(1, publication);
            if (schemas) {
                statement.setLong(2, publication);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    members.computeIfAbsent(row.getLong(1), unused -> new TreeSet<>())
                            .add(version(row.getLong(2), row.getString(3)));
                }
            }
        }
        return members;
    }

    private static String version(long oid, String xmin) {
        return oid + "." + xmin;
    }

    /** Whether there is no such publication. */
    public boolean isEmpty() {
        return publication.isEmpty();
    }

    /**
     * The version of a table's publication: the publication's own row, the table's, and that of the member it belongs to. Equal
     * versions mean that every change in between was published in the same way.
     *
     * @param table OID of a published table
     * @param member OID of the member of the publication that it belongs to; may be the same
     * @return empty if there is no publication
     */
    public String of(long table, long member) {
        if (publication.isEmpty()) {
            return "";
        }
        SortedSet<String> versions = new TreeSet<>(rows.getOrDefault(table, new TreeSet<>()));
        versions.addAll(rows.getOrDefault(member, new TreeSet<>()));
        return versions.isEmpty() ? publication : publication + " " + String.join(" ", versions);
    }

    /**
     * By which rows of the catalogue a relation is where the publication reaches it: attached to the member that it belongs to, or in its
     * schema. Equal places mean that it was there all the time, and that every change in between was published.
     *
     * @param relation OID of a relation with rows
     * @param member OID of the member of the publication that it belongs to; may be the same
     * @return empty if the publication holds the relation by its OID, or not at all
     */
    public String placeOf(long relation, long member) {
        return placements.of(relation, member);
    }
}
