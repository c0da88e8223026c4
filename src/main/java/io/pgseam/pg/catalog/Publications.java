package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Reads, creates and alters publications. One thread at a time. */
public final class Publications {

    private static final int VERSION_WITH_SCHEMAS = 15;

    private static final String PUBLICATION = """
            SELECT p.oid, p.pubname, pg_has_role(p.pubowner, 'USAGE'), p.puballtables, p.pubviaroot,
                   p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, obj_description(p.oid, 'pg_publication')
              FROM pg_publication p
             WHERE p.pubname = ?
            """;

    private final Connection connection;
    private final RelationCatalog relations;

    public Publications(Connection connection) {
        this.connection = connection;
        this.relations = new RelationCatalog(connection);
    }

    /** The publication of this name, if there is one. */
    public Optional<Publication> find(String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PUBLICATION)) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                return Optional.of(new Publication(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getBoolean(3),
                        rows.getBoolean(4),
                        rows.getBoolean(5),
                        rows.getBoolean(6),
                        rows.getBoolean(7),
                        rows.getBoolean(8),
                        rows.getBoolean(9),
                        Publication.slotOf(rows.getString(10))));
            }
        }
    }

    /**
     * The tables that a filter selects and that the publication does not hold: not by themselves, not by a partitioned
     * table above them, not by their schema. In the order of their names.
     */
    public List<Relation> missing(Publication publication, Predicate<TableId> filter) throws SQLException {
        if (publication.allTables()) {
            return List.of();
        }
        Map<Long, Relation> all = relations.relations();
        Set<Long> members = members(publication);
        Set<String> schemas = schemas(publication);
        return Catalog.topmost(all, filter).stream()
                .filter(relation -> !holds(relation, members, schemas))
                .filter(relation -> relation.ancestors().stream()
                        .map(all::get)
                        .noneMatch(ancestor -> ancestor != null && holds(ancestor, members, schemas)))
                .toList();
    }

    private static boolean holds(Relation relation, Set<Long> members, Set<String> schemas) {
        return members.contains(relation.oid())
                || schemas.contains(relation.id().schema());
    }

    /**
     * Sees to it that there is a publication as {@code mode} wants it, and commits. The connection must not be in a
     * transaction.
     *
     * <p>A publication that this method creates is marked with the slot. With {@link PublicationMode#FILTERED} one that
     * bears the mark is made to hold exactly the selected tables; one that somebody else made is only added to, so that
     * nobody loses what he relies on. With the other modes one that exists is left as it is.
     *
     * @param name name of the publication
     * @param filter selects tables
     * @param viaPartitionRoot whether one that is created publishes partitions as rows of their partitioned table
     * @param slot name of the slot that it is for
     * @throws SQLException where the role has no right to do so (SQLSTATE 42501), among others
     */
    public PublicationChange ensure(
            String name, PublicationMode mode, Predicate<TableId> filter, boolean viaPartitionRoot, String slot)
            throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "publication " + name + " has to be committed by itself, before the anchor");
        }
        connection.setAutoCommit(false);
        try {
            PublicationChange change = change(name, mode, filter, viaPartitionRoot, slot);
            connection.commit();
            return change;
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private PublicationChange change(
            String name, PublicationMode mode, Predicate<TableId> filter, boolean viaPartitionRoot, String slot)
            throws SQLException {
        Optional<Publication> existing = find(name);
        return switch (mode) {
            case DISABLED -> PublicationChange.none();
            case ALL_TABLES ->
                existing.isPresent()
                        ? PublicationChange.none()
                        : create(name, "FOR ALL TABLES", List.of(), viaPartitionRoot, slot);
            case FILTERED ->
                existing.isPresent()
                        ? align(existing.get(), filter, viaPartitionRoot, slot)
                        : createFiltered(name, filter, viaPartitionRoot, slot);
        };
    }

    private PublicationChange createFiltered(
            String name, Predicate<TableId> filter, boolean viaPartitionRoot, String slot) throws SQLException {
        List<Relation> tables = Catalog.topmost(relations.relations(), filter);
        String what = tables.isEmpty() ? "" : "FOR TABLE " + list(tables);
        return create(name, what, ids(tables), viaPartitionRoot, slot);
    }

    private PublicationChange create(
            String name, String what, List<TableId> tables, boolean viaPartitionRoot, String slot) throws SQLException {
        execute("CREATE PUBLICATION " + TableId.quoteIdentifier(name) + " " + what
                + " WITH (publish_via_partition_root = " + viaPartitionRoot + ")");
        String mark = Publication.mark(slot).replace("'", "''");
        execute("COMMENT ON PUBLICATION " + TableId.quoteIdentifier(name) + " IS '" + mark + "'");
        return new PublicationChange(true, tables, List.of());
    }

    private PublicationChange align(
            Publication publication, Predicate<TableId> filter, boolean viaPartitionRoot, String slot)
            throws SQLException {
        if (publication.allTables()) {
            return PublicationChange.none();
        }
        boolean ours = slot.equals(publication.markedSlot());
        String alter = "ALTER PUBLICATION " + TableId.quoteIdentifier(publication.name());
        List<Relation> missing = missing(publication, filter);
        List<Relation> surplus = ours ? surplus(publication, filter) : List.of();
        if (!missing.isEmpty()) {
            execute(alter + " ADD TABLE " + list(missing));
        }
        if (!surplus.isEmpty()) {
            execute(alter + " DROP TABLE " + list(surplus));
        }
        if (ours && publication.viaPartitionRoot() != viaPartitionRoot) {
            execute(alter + " SET (publish_via_partition_root = " + viaPartitionRoot + ")");
        }
        return new PublicationChange(false, ids(missing), ids(surplus));
    }

    /** Members that the filter selects neither by their own name nor by that of a table above them. */
    private List<Relation> surplus(Publication publication, Predicate<TableId> filter) throws SQLException {
        Map<Long, Relation> all = relations.relations();
        return members(publication).stream()
                .map(all::get)
                .filter(relation -> relation != null && !filter.test(relation.id()))
                .filter(relation -> relation.ancestors().stream()
                        .map(all::get)
                        .noneMatch(ancestor -> ancestor != null && filter.test(ancestor.id())))
                .toList();
    }

    private Set<Long> members(Publication publication) throws SQLException {
        Set<Long> members = new HashSet<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT prrelid FROM pg_publication_rel WHERE prpubid = ?::oid")) {
            statement.setLong(1, publication.oid());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    members.add(rows.getLong(1));
                }
            }
        }
        return members;
    }

    private Set<String> schemas(Publication publication) throws SQLException {
        Set<String> schemas = new HashSet<>();
        if (connection.getMetaData().getDatabaseMajorVersion() < VERSION_WITH_SCHEMAS) {
            return schemas;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT n.nspname FROM pg_publication_namespace p JOIN pg_namespace n ON n.oid = p.pnnspid"
                        + " WHERE p.pnpubid = ?::oid")) {
            statement.setLong(1, publication.oid());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    schemas.add(rows.getString(1));
                }
            }
        }
        return schemas;
    }

    /** ONLY: an inheritance child is captured by its own name, not by its parent's. Partitions belong to their table anyway. */
    private static String list(Collection<Relation> tables) {
        return tables.stream().map(table -> "ONLY " + table.id().quoted()).collect(Collectors.joining(", "));
    }

    private static List<TableId> ids(Collection<Relation> tables) {
        List<TableId> ids = new ArrayList<>();
        tables.forEach(table -> ids.add(table.id()));
        return ids;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
