package io.pgseam.pg.catalog;

import io.pgseam.pg.Column;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLState;

/**
 * The tables that the connector captures, as a publication publishes them.
 *
 * <p>One query for each kind of fact and a thousand tables, not for each table. None locks a relation for longer than it takes to look
 * at its size. A session of its own or a transaction that imported a snapshot both do; sizes and filenodes are of the present in either case. One thread at a time.
 */
public final class Catalog {

    private static final int VERSION_WITH_COLUMN_LISTS = 15;

    private static final String PUBLISHED = """
            SELECT c.oid, n.nspname, c.relname, c.relreplident, %s
              FROM pg_publication_tables p
              JOIN pg_namespace n ON n.nspname = p.schemaname
              JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
             WHERE p.pubname = ?
             ORDER BY n.nspname, c.relname
            """;

    /** What a publication of these tables would publish, whether it exists or not. */
    private static final String PUBLISHABLE = RelationCatalog.TREE + """
            SELECT c.oid, tree.root, n.nspname, c.relname, c.relreplident
              FROM tree
              JOIN pg_class c ON c.oid = tree.oid
               AND CASE WHEN ? THEN c.oid = tree.root AND c.relkind IN ('r', 'p') ELSE c.relkind = 'r' END
              JOIN pg_namespace n ON n.oid = c.relnamespace
             ORDER BY n.nspname, c.relname
            """;

    private static final String LEAVES = RelationCatalog.TREE + """
            SELECT tree.root, c.oid, n.nspname, c.relname, pg_relation_filenode(c.oid),
                   pg_relation_size(c.oid, 'main'), coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0),
                   c.relispartition AND %s
              FROM tree
              JOIN pg_class c ON c.oid = tree.oid AND c.relkind = 'r'
              JOIN pg_namespace n ON n.oid = c.relnamespace
             ORDER BY tree.root, n.nspname, c.relname
            """.formatted(RelationCatalog.MADE_INSIDE);

    private final Connection connection;
    private final Function<TableId, List<String>> messageKeys;
    private final RelationCatalog relations;
    private final TypeCatalog types;
    private final CapturedColumns capturedColumns;

    /** A catalogue in which every table's record key is its row key. */
    public Catalog(Connection connection) {
        this(connection, table -> List.of());
    }

    /**
     * @param messageKeys names of the columns that are a table's record key instead of its row key; an empty list where they
     *     are not
     */
    public Catalog(Connection connection, Function<TableId, List<String>> messageKeys) {
        this.connection = connection;
        this.messageKeys = messageKeys;
        this.relations = new RelationCatalog(connection);
        this.types = new TypeCatalog(connection);
        this.capturedColumns = new CapturedColumns(connection, messageKeys, types);
    }

    /** The data types of the database. */
    public TypeCatalog types() {
        return types;
    }

    /** The size of a block of the server, in bytes. */
    public int blockSize() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT current_setting('block_size')::int");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /**
     * The relations that a filter selects and a publication can hold, whether there is one yet or not. A partition is left out
     * where a table above it is selected: a publication of that one includes it.
     */
    public static List<Relation> topmost(Map<Long, Relation> relations, Predicate<TableId> filter) {
        Set<Long> selected = new HashSet<>();
        for (Relation relation : relations.values()) {
            if (relation.publishable() && filter.test(relation.id())) {
                selected.add(relation.oid());
            }
        }
        return relations.values().stream()
                .filter(relation -> selected.contains(relation.oid()))
                .filter(relation -> relation.ancestors().stream().noneMatch(selected::contains))
                .toList();
    }

    /**
     * The tables that a publication publishes and a filter selects, in the order of their names.
     *
     * <p>A partition that is published as itself is selected by its own name or by that of any table above it. Key columns
     * are captured whatever {@code columns} says. A column of a partition has to be selected under each of these names
     * that the filter selects, so that a column that was excluded from the whole table stays out.
     *
     * @param filter selects tables
     * @param columns selects columns
     * @throws SQLException with SQLSTATE 42704 where there is no such publication, with 42703 where a message key names a
     *     column that it does not publish
     */
    public List<CapturedTable> capturedTables(
            String publication, Predicate<TableId> filter, BiPredicate<TableId, String> columns) throws SQLException {
        return capturedTables(publication, filter, columns, relation -> true);
    }

    /**
     * The same, of those relations only that can be captured.
     *
     * @param fit selects tables and leaves by their OIDs
     */
    public List<CapturedTable> capturedTables(
            String publication, Predicate<TableId> filter, BiPredicate<TableId, String> columns, LongPredicate fit)
            throws SQLException {
        Map<Long, Relation> all = relations.relations();
        return captured(published(publication, all), all, filter, columns, publication, fit);
    }

    /**
     * The tables that would be captured if a publication published these relations, each with all its rows and columns. Nothing is
     * created.
     *
     * @param members tables that no publication has to hold yet
     * @param viaPartitionRoot whether partitions are published as rows of their partitioned table
     * @param publication name of the publication, for messages
     * @throws SQLException as of {@link #capturedTables(String, Predicate, BiPredicate)}
     */
    public List<CapturedTable> capturedTables(
            List<Relation> members,
            boolean viaPartitionRoot,
            String publication,
            Predicate<TableId> filter,
            BiPredicate<TableId, String> columns)
            throws SQLException {
        List<SelectedTable> published = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PUBLISHABLE)) {
            statement.setArray(
                    1,
                    RelationCatalog.oids(
                            connection, members.stream().map(Relation::oid).toList()));
            statement.setBoolean(2, viaPartitionRoot);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    published.add(new SelectedTable(
                            rows.getLong(1),
                            rows.getLong(2),
                            new TableId(rows.getString(3), rows.getString(4)),
                            ReplicaIdentity.ofCode(rows.getString(5).charAt(0)),
                            null,
                            null,
                            List.of()));
                }
            }
        }
        return captured(published, relations.relations(), filter, columns, publication, relation -> true);
    }

    private List<CapturedTable> captured(
            List<SelectedTable> tablesOfPublication,
            Map<Long, Relation> all,
            Predicate<TableId> filter,
            BiPredicate<TableId, String> columns,
            String publication,
            LongPredicate fit)
            throws SQLException {
        Map<Long, SelectedTable> captured = new LinkedHashMap<>();
        for (SelectedTable table : tablesOfPublication) {
            if (!fit.test(table.oid())) {
                continue;
            }
            List<TableId> names = selectedNames(table, all, filter);
            if (!names.isEmpty()) {
                captured.put(table.oid(), table.selectedAs(names));
            }
        }
        if (captured.isEmpty()) {
            return List.of();
        }
        Map<Long, List<Leaf>> leaves = new HashMap<>();
        Map<Long, List<Column>> columnsOf = new HashMap<>();
        for (List<SelectedTable> some : RelationCatalog.batches(captured.values())) {
            Map<Long, SelectedTable> batch =
                    some.stream().collect(Collectors.toMap(SelectedTable::oid, Function.identity()));
            leaves.putAll(leaves(batch.keySet()));
            columnsOf.putAll(capturedColumns.of(batch, columns));
        }
        List<CapturedTable> tables = new ArrayList<>();
        for (SelectedTable table : captured.values()) {
            List<Column> published = columnsOf.getOrDefault(table.oid(), List.of());
            ensureMessageKey(table, published, publication);
            tables.add(new CapturedTable(
                    table.oid(),
                    table.id(),
                    table.identity(),
                    published,
                    table.rowFilter(),
                    leaves.getOrDefault(table.oid(), List.of()).stream()
                            .filter(leaf -> fit.test(leaf.oid()))
                            .toList(),
                    table.messageKey(messageKeys),
                    table.member(),
                    ""));
        }
        return tables;
    }

    private void ensureMessageKey(SelectedTable table, List<Column> columns, String publication) throws SQLException {
        Set<String> names = columns.stream().map(Column::name).collect(Collectors.toSet());
        for (String name : table.messageKey(messageKeys)) {
            if (!names.contains(name)) {
                throw new SQLException(
                        "message.key.columns makes column \"" + name + "\" part of the key of table " + table.id()
                                + ", which has no such column, or publication \"" + publication
                                + "\" does not publish it",
                        PSQLState.UNDEFINED_COLUMN.getState());
            }
        }
    }

    private static List<TableId> selectedNames(
            SelectedTable table, Map<Long, Relation> all, Predicate<TableId> filter) {
        List<TableId> names = new ArrayList<>();
        names.add(table.id());
        Relation relation = all.get(table.oid());
        if (relation != null) {
            relation.ancestors().stream()
                    .map(all::get)
                    .filter(ancestor -> ancestor != null)
                    .forEach(ancestor -> names.add(ancestor.id()));
        }
        return names.stream().filter(filter).toList();
    }

    private List<SelectedTable> published(String publication, Map<Long, Relation> all) throws SQLException {
        Publications publications = new Publications(connection);
        PublicationMembers members = publications.members(publications
                .find(publication)
                .orElseThrow(() -> new SQLException(
                        "publication \"" + publication + "\" does not exist", PSQLState.UNDEFINED_OBJECT.getState())));
        boolean columnLists = serverVersion() >= VERSION_WITH_COLUMN_LISTS;
        String lists = columnLists ? "p.attnames::text[], p.rowfilter" : "NULL::text[], NULL::text";
        List<SelectedTable> published = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PUBLISHED.formatted(lists))) {
            statement.setString(1, publication);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    published.add(new SelectedTable(
                            rows.getLong(1),
                            members.outermost(rows.getLong(1), all),
                            new TableId(rows.getString(2), rows.getString(3)),
                            ReplicaIdentity.ofCode(rows.getString(4).charAt(0)),
                            columnLists ? Set.copyOf(RelationCatalog.texts(rows.getArray(5))) : null,
                            rows.getString(6),
                            List.of()));
                }
            }
        }
        return published;
    }

    private Map<Long, List<Leaf>> leaves(Collection<Long> tables) throws SQLException {
        long blockSize = blockSize();
        Map<Long, List<Leaf>> leaves = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(LEAVES)) {
            statement.setArray(1, RelationCatalog.oids(connection, tables));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    long heapBytes = rows.getLong(6);
                    leaves.computeIfAbsent(rows.getLong(1), unused -> new ArrayList<>())
                            .add(new Leaf(
                                    rows.getLong(2),
                                    new TableId(rows.getString(3), rows.getString(4)),
                                    rows.getLong(5),
                                    heapBytes / blockSize,
                                    heapBytes + rows.getLong(7),
                                    rows.getBoolean(8)));
                }
            }
        }
        return leaves;
    }

    private int serverVersion() throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion();
    }
}
