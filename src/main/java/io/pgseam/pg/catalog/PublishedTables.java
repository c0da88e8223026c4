package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.postgresql.util.PSQLState;

/**
 * Which tables a publication publishes, and which relations have their rows. It waits for no lock on a table, unlike {@link Catalog}:
 * {@code pg_publication_tables} opens every table from PostgreSQL 16 on, and {@code pg_relation_size} in each version. So what is done with
 * one table keeps no look at the others waiting.
 */
public final class PublishedTables {

    private static final String LEAVES = RelationCatalog.TREE + """
            SELECT tree.root, c.oid, n.nspname, c.relname, c.relispartition AND %s
              FROM tree
              JOIN pg_class c ON c.oid = tree.oid AND c.relkind = 'r'
              JOIN pg_namespace n ON n.oid = c.relnamespace
             ORDER BY tree.root, n.nspname, c.relname
            """.formatted(RelationCatalog.MADE_INSIDE);

    private final Connection connection;
    private final LongPredicate fit;

    private PublishedTables(Connection connection, LongPredicate fit) {
        this.connection = connection;
        this.fit = fit;
    }

    /**
     * Reads the tables that a publication publishes and that are selected, by their own names or by that of a table above them.
     *
     * @param publication name of the publication
     * @param filter selects tables by their names
     * @param fit selects tables and leaves by their OIDs
     * @throws SQLException with SQLSTATE 42704 if there is no such publication
     */
    public static List<PublishedTable> read(
            Connection connection, String publication, Predicate<TableId> filter, LongPredicate fit)
            throws SQLException {
        return new PublishedTables(connection, fit).read(publication, filter);
    }

    private List<PublishedTable> read(String name, Predicate<TableId> filter) throws SQLException {
        Publications publications = new Publications(connection);
        Publication publication = publications
                .find(name)
                .orElseThrow(() -> new SQLException(
                        "publication \"" + name + "\" does not exist", PSQLState.UNDEFINED_OBJECT.getState()));
        PublicationMembers members = publications.members(publication);
        Map<Long, Relation> all = new RelationCatalog(connection).relations();
        Map<Long, Relation> published = new LinkedHashMap<>();
        for (Relation relation : all.values()) {
            if (relation.publishable()
                    && fit.test(relation.oid())
                    && members.publish(relation, all)
                    && isPublishedAsItself(relation, publication, members, all)
                    && isSelected(relation, all, filter)) {
                published.put(relation.oid(), relation);
            }
        }
        Map<Long, List<PublishedTable.Leaf>> leaves = leaves(published.keySet());
        return published.values().stream()
                .map(relation -> new PublishedTable(
                        relation.oid(),
                        relation.id(),
                        members.outermost(relation.oid(), all),
                        leaves.getOrDefault(relation.oid(), List.of())))
                .toList();
    }

    private static boolean isPublishedAsItself(
            Relation relation, Publication publication, PublicationMembers members, Map<Long, Relation> all) {
        return publication.viaPartitionRoot()
                ? members.outermost(relation.oid(), all) == relation.oid()
                : relation.kind() == Relation.Kind.TABLE;
    }

    private static boolean isSelected(Relation relation, Map<Long, Relation> all, Predicate<TableId> filter) {
        return filter.test(relation.id())
                || relation.ancestors().stream()
                        .map(all::get)
                        .anyMatch(ancestor -> ancestor != null && filter.test(ancestor.id()));
    }

    private Map<Long, List<PublishedTable.Leaf>> leaves(Collection<Long> tables) throws SQLException {
        Map<Long, List<PublishedTable.Leaf>> leaves = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(LEAVES)) {
            statement.setArray(1, RelationCatalog.oids(connection, tables));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    long leaf = rows.getLong(2);
                    if (fit.test(leaf)) {
                        leaves.computeIfAbsent(rows.getLong(1), unused -> new ArrayList<>())
                                .add(new PublishedTable.Leaf(
                                        leaf, new TableId(rows.getString(3), rows.getString(4)), rows.getBoolean(5)));
                    }
                }
            }
        }
        return leaves;
    }
}
