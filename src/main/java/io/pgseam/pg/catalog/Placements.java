package io.pgseam.pg.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Where relations stand that a publication holds by a table above them, or by their schema. If a partition is detached and attached again, or
 * a table is moved to another schema and back, nothing of the publication changes, but what was changed in between was not published. The
 * rows of the catalogue that put a relation where it is are others then, and each is named by the transaction that wrote it ({@code xmin}).
 *
 * <p>Reads tables only: in a transaction that imported a snapshot it gives what was there at that snapshot.
 */
final class Placements {

    /** Partitioned indexes have such rows, too. */
    private static final String ATTACHED = """
            SELECT i.inhrelid, i.inhparent, i.xmin::text
              FROM pg_inherits i
              JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p')
            """;

    /** The row by which a table depends on its schema is written again whenever it is moved, and by nothing else. */
    private static final String IN_SCHEMA = """
            SELECT c.oid, coalesce(d.xmin::text, '')
              FROM pg_publication_namespace s
              JOIN pg_class c ON c.relnamespace = s.pnnspid AND c.relkind IN ('r', 'p')
              LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
               AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = c.relnamespace
             WHERE s.pnpubid = ?::oid
            """;

    /** Of no publication. */
    static final Placements NONE = new Placements(Map.of(), Map.of());

    /** A partition's row in pg_inherits. */
    private record Attachment(long parent, String xmin) {}

    private final Map<Long, Attachment> attached;
    private final Map<Long, String> inSchema;

    private Placements(Map<Long, Attachment> attached, Map<Long, String> inSchema) {
        this.attached = attached;
        this.inSchema = inSchema;
    }

    /**
     * Reads where relations are.
     *
     * @param publication OID of the publication
     * @param schemas whether the server has publications of schemas
     */
    static Placements read(Connection session, long publication, boolean schemas) throws SQLException {
        Map<Long, Attachment> attached = new HashMap<>();
        try (PreparedStatement statement = session.prepareStatement(ATTACHED);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                attached.put(row.getLong(1), new Attachment(row.getLong(2), row.getString(3)));
            }
        }
        Map<Long, String> inSchema = new HashMap<>();
        if (schemas) {
            try (PreparedStatement statement = session.prepareStatement(IN_SCHEMA)) {
                statement.setLong(1, publication);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        inSchema.put(row.getLong(1), row.getString(2));
                    }
                }
            }
        }
        return new Placements(attached, inSchema);
    }

    /**
     * Where a relation is.
     *
     * @param relation OID of the relation
     * @param member OID of the member of the publication that it belongs to; may be the same
     * @return empty if the publication holds the relation by its OID, or not at all
     */
    String of(long relation, long member) {
        StringBuilder place = new StringBuilder(inSchema.getOrDefault(member, ""));
        long at = relation;
        while (at != member) {
            Attachment attachment = attached.get(at);
            if (attachment == null) {
                return "";
            }
            place.append(' ').append(attachment.xmin());
            at = attachment.parent();
        }
        return place.toString().trim();
    }
}
