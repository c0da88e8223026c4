package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.SqlErrors;
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

    /** Each takes a lock, of which the server has room for 6,400 by default. */
    private static final int MOST_AT_ONCE = 500;

    private static final String PUBLICATION = """
            SELECT p.oid, p.pubname, pg_has_role(p.pubowner, 'USAGE'), p.puballtables, p.pubviaroot,
                   p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
                   coalesce(to_jsonb(p) ->> 'pubgencols' = 's', false), obj_description(p.oid, 'pg_publication')
              FROM pg_publication p
             WHERE p.pubname = ?
            """;

    /**
     * What a publication publishes, partitions with it. Reads tables only: in a transaction that imported a snapshot it gives what
     * was published there, while pg_publication_tables and pg_partition_tree would tell of the present.
     */
    private static final String PUBLISHED = """
            WITH RECURSIVE published (oid) AS (
                SELECT c.oid
                  FROM pg_publication p
                  JOIN pg_class c ON c.relkind IN ('r', 'p')
                   AND (p.puballtables
                        OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid)%s)
                 WHERE p.pubname = ?
                UNION
                SELECT i.inhrelid
                  FROM published
                  JOIN pg_inherits i ON i.inhparent = published.oid
                  JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition)
            SELECT oid FROM published
            """;

    private static final String IN_SCHEMA =
            " OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace)";

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
                        rows.getBoolean(10),
                        Publication.slotOf(rows.getString(11))));
            }
        }
    }

    /**
     * OIDs of the relations that a publication publishes, as the session's snapshot has it: its members, and their partitions.
     */
    public Set<Long> published(String name) throws SQLException {
        Set<Long> published = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                PUBLISHED.formatted(serverVersion() < VERSION_WITH_SCHEMAS ? "" : IN_SCHEMA))) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    published.add(rows.getLong(1));
                }
            }
        }
        return published;
    }

    private int serverVersion() throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion();
    }

    /**
     * The tables that a filter selects and that the publication does not hold: not by themselves, not by a partitioned
     * table above them, not by their schema. In the order of their names.
     */
    public List<Relation> missing(Publication publication, Predicate<TableId> filter) throws SQLException {
        Map<Long, Relation> all = relations.relations();
        PublicationMembers members = members(publication);
        return Catalog.topmost(all, filter).stream()
                .filter(relation -> !members.publish(relation, all))
                .toList();
    }

    /**
     * Sees to it that there is a publication as {@code mode} wants it, and commits. The connection must not be in a
     * transaction. Many tables are added in several transactions: each locks the tables that it adds.
     *
     * <p>A publication that this method creates is marked with the slot. With {@link PublicationMode#FILTERED} one that is
     * there is added to; what it holds besides stays, see {@link #trim}. With the other modes one that exists is left as it is.
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
        PublicationChange change = committed(name, () -> change(name, mode, viaPartitionRoot, slot));
        Optional<Publication> publication = mode == PublicationMode.FILTERED ? find(name) : Optional.empty();
        if (publication.isEmpty() || publication.get().allTables()) {
            return change;
        }
        List<Relation> missing = missing(publication.get(), filter);
        inBatches(name, "ADD", missing);
        return new PublicationChange(change.created(), ids(missing), List.of());
    }

    /**
     * Takes out of the publication what is not selected any more, and commits: of one that bears the mark of the slot only, so
     * that nothing is lost that others rely on. Nothing may count on what is taken out here: changes that are committed from now on
     * cannot be had of the slot any more.
     *
     * @throws SQLException where the role has no right to do so (SQLSTATE 42501), among others
     */
    public PublicationChange trim(String name, PublicationMode mode, Predicate<TableId> filter, String slot)
            throws SQLException {
        Optional<Publication> existing = find(name);
        if (mode != PublicationMode.FILTERED
                || existing.isEmpty()
                || existing.get().allTables()
                || !slot.equals(existing.get().markedSlot())) {
            return PublicationChange.none();
        }
        List<Relation> surplus = surplus(existing.get(), filter);
        inBatches(name, "DROP", surplus);
        return new PublicationChange(false, List.of(), ids(surplus));
    }

    /**
     * Adds tables to a publication, and commits.
     *
     * @throws SQLException if the role has no right to do so (SQLSTATE 42501), among others
     */
    public PublicationChange add(String name, Collection<Relation> tables) throws SQLException {
        inBatches(name, "ADD", List.copyOf(tables));
        return new PublicationChange(false, ids(tables), List.of());
    }

    /**
     * Takes tables out of a publication at once, and commits.
     *
     * @param tables members of it
     * @throws SQLException if the role has no right to do so (SQLSTATE 42501), among others
     */
    public PublicationChange withdraw(String name, Collection<Relation> tables) throws SQLException {
        inBatches(name, "DROP", List.copyOf(tables));
        return new PublicationChange(false, List.of(), ids(tables));
    }

    /**
     * Asks the server whether it would add tables to a publication: adds them, and takes that back.
     *
     * @throws SQLException what the server says if it refuses them, or if it cannot lock one within {@code lock_timeout}
     */
    public void tryToAdd(String name, Collection<Relation> tables) throws SQLException {
        connection.setAutoCommit(false);
        try {
            execute("ALTER PUBLICATION " + TableId.quoteIdentifier(name) + " ADD TABLE " + list(tables));
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /**
     * Adds or drops tables. If the server has no room for the locks of a batch, the next one is smaller. If it refuses one table, all others are
     * added or dropped before this throws.
     */
    private void inBatches(String name, String verb, List<Relation> tables) throws SQLException {
        String alter = "ALTER PUBLICATION " + TableId.quoteIdentifier(name) + " " + verb + " TABLE ";
        int size = MOST_AT_ONCE;
        int done = 0;
        SQLException refusal = null;
        while (done < tables.size()) {
            List<Relation> batch = tables.subList(done, Math.min(done + size, tables.size()));
            try {
                committed(name, () -> {
                    execute(alter + list(batch));
                    return PublicationChange.none();
                });
                done += batch.size();
            } catch (SQLException e) {
                boolean refused = SqlErrors.isRefusal(e) && !SqlErrors.isPublicationMissing(e);
                if (batch.size() > 1 && (refused || SqlErrors.isLockTableFull(e))) {
                    size = batch.size() / 2;
                } else if (refused) {
                    refusal = refusal == null ? e : refusal;
                    done++;
                } else {
                    throw e;
                }
            }
        }
        if (refusal != null) {
            throw refusal;
        }
    }

    /** A change of a publication. */
    private interface Change {
        PublicationChange make() throws SQLException;
    }

    private PublicationChange committed(String name, Change work) throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "publication " + name + " has to be committed by itself, before the anchor");
        }
        connection.setAutoCommit(false);
        try {
            PublicationChange change = work.make();
            connection.commit();
            return change;
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private PublicationChange change(String name, PublicationMode mode, boolean viaPartitionRoot, String slot)
            throws SQLException {
        Optional<Publication> existing = find(name);
        return switch (mode) {
            case DISABLED -> PublicationChange.none();
            case ALL_TABLES ->
                existing.isPresent()
                        ? PublicationChange.none()
                        : create(name, "FOR ALL TABLES", viaPartitionRoot, slot);
            case FILTERED ->
                existing.isPresent()
                        ? align(existing.get(), viaPartitionRoot, slot)
                        : create(name, "", viaPartitionRoot, slot);
        };
    }

    private PublicationChange create(String name, String what, boolean viaPartitionRoot, String slot)
            throws SQLException {
        execute("CREATE PUBLICATION " + TableId.quoteIdentifier(name) + " " + what
                + " WITH (publish_via_partition_root = " + viaPartitionRoot + ")");
        String mark = Publication.mark(slot).replace("'", "''");
        execute("COMMENT ON PUBLICATION " + TableId.quoteIdentifier(name) + " IS '" + mark + "'");
        return new PublicationChange(true, List.of(), List.of());
    }

    private PublicationChange align(Publication publication, boolean viaPartitionRoot, String slot)
            throws SQLException {
        if (slot.equals(publication.markedSlot())
                && !publication.allTables()
                && publication.viaPartitionRoot() != viaPartitionRoot) {
            execute("ALTER PUBLICATION " + TableId.quoteIdentifier(publication.name())
                    + " SET (publish_via_partition_root = " + viaPartitionRoot + ")");
        }
        return PublicationChange.none();
    }

    /** Members that the filter selects neither by their own name nor by that of a table above them. */
    private List<Relation> surplus(Publication publication, Predicate<TableId> filter) throws SQLException {
        Map<Long, Relation> all = relations.relations();
        return members(publication).tables().stream()
                .map(all::get)
                .filter(relation -> relation != null && !filter.test(relation.id()))
                .filter(relation -> relation.ancestors().stream()
                        .map(all::get)
                        .noneMatch(ancestor -> ancestor != null && filter.test(ancestor.id())))
                .toList();
    }

    /** What the publication holds. */
    public PublicationMembers members(Publication publication) throws SQLException {
        return new PublicationMembers(publication.allTables(), tables(publication), schemas(publication));
    }

    private Set<Long> tables(Publication publication) throws SQLException {
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
        if (serverVersion() < VERSION_WITH_SCHEMAS) {
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
