package io.pgseam.pg.catalog;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The relations of the source database, and what the role of the session may do with them. One query for each question. */
public final class RelationCatalog {

    private static final String RELATIONS = """
            SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence = 'p', pg_has_role(c.relowner, 'USAGE'),
                   CASE WHEN c.relispartition
                        THEN ARRAY(SELECT a.relid::oid::int8
                                     FROM pg_partition_ancestors(c.oid) WITH ORDINALITY AS a(relid, distance)
                                    WHERE a.distance > 1 ORDER BY a.distance) END
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
               AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
               AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast\\_temp\\_%'
             ORDER BY n.nspname, c.relname
            """;

    /**
     * Whether a leaf {@code c} was made where it is: {@code CREATE TABLE … PARTITION OF}, when everything above it was in place.
     * The row of {@code ctid} in pg_attribute is as old as the table, that in pg_inherits as old as the attachment: both are
     * never updated. Within one transaction their age does not tell, but columns do: those of a partition are inherited from
     * the command on that made it, and those of a table that is attached are updated by a later command.
     */
    static final String MADE_INSIDE = """
            NOT EXISTS (SELECT FROM pg_partition_ancestors(c.oid) AS a(relid)
                          JOIN pg_inherits i ON i.inhrelid = a.relid
                          JOIN pg_attribute made ON made.attrelid = c.oid AND made.attname = 'ctid'
                         WHERE age(made.xmin) > age(i.xmin)
                            OR ((i.inhrelid = c.oid OR made.xmin = i.xmin)
                                AND NOT EXISTS (SELECT FROM pg_attribute own
                                                  JOIN pg_attribute first
                                                    ON first.attrelid = own.attrelid AND first.attname = 'ctid'
                                                 WHERE own.attrelid = i.inhrelid AND own.attnum > 0
                                                   AND own.attinhcount > 0 AND NOT own.attislocal
                                                   AND own.xmin = first.xmin AND own.cmin = first.cmin)))
            """;

    /** Takes no lock on the partitions, unlike {@code pg_partition_tree}. */
    private static final String PARTITIONS = """
            SELECT c.oid, n.nspname, c.relname,
                   ARRAY(SELECT a.relid::oid::int8 FROM pg_partition_ancestors(c.oid) WITH ORDINALITY AS a(relid, distance)
                          WHERE a.distance > 1 ORDER BY a.distance DESC),
                   %s
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relispartition AND c.relkind IN ('r', 'f')
             ORDER BY n.nspname, c.relname
            """.formatted(MADE_INSIDE);

    /**
     * Tables, given by their OIDs, and their partitions. It locks none of them, unlike {@code pg_partition_tree}: there may be very many.
     */
    static final String TREE = """
            WITH RECURSIVE tree (root, oid) AS (
                SELECT t.oid, t.oid FROM unnest(?::oid[]) AS t(oid)
                UNION
                SELECT tree.root, i.inhrelid
                  FROM tree
                  JOIN pg_inherits i ON i.inhparent = tree.oid
                  JOIN pg_class p ON p.oid = i.inhrelid AND p.relispartition)
            """;

    /**
     * A table that is dropped meanwhile has no privileges, and is left out.
     *
     * <p>A publication's column list is that of the relation as which rows are published.
     */
    private static final String LEAF_STATES = TREE + """
            , identity AS (
                SELECT x.oid, x.relreplident, k.indimmediate, k.valid, k.columns
                  FROM pg_class x
                  LEFT JOIN LATERAL (
                    SELECT i.indimmediate, i.indisvalid AND i.indisready AS valid,
                           ARRAY(SELECT a.attname::text FROM pg_attribute a
                                  WHERE a.attrelid = x.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])) AS columns
                      FROM pg_index i
                     WHERE i.indrelid = x.oid
                       AND CASE WHEN x.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
                     LIMIT 1) k ON true
                 WHERE x.oid IN (SELECT root FROM tree UNION SELECT oid FROM tree))
            SELECT tree.root, c.oid, n.nspname, c.relname, c.relkind, c.relpersistence = 'p',
                   has_schema_privilege(n.oid, 'USAGE'),
                   has_table_privilege(c.oid, 'SELECT'),
                   CASE WHEN NOT has_table_privilege(c.oid, 'SELECT')
                        THEN ARRAY(SELECT a.attname::text FROM pg_attribute a
                                    WHERE a.attrelid = c.oid AND (a.attnum > 0 OR a.attname = 'ctid') AND NOT a.attisdropped
                                      AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')) END,
                   row_security_active(c.oid),
                   own.relreplident, own.indimmediate, own.valid, own.columns,
                   CASE WHEN own.relreplident = 'f' THEN columns.names END,
                   top.relreplident, top.indimmediate, top.valid, top.columns,
                   cardinality(columns.names) - cardinality(columns.unpublished), columns.unpublished, list.names IS NOT NULL,
                   ARRAY(SELECT r FROM unnest(columns.names) r WHERE r = ANY (?::text[])),
                   ARRAY(SELECT i.inhrelid::int8 FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid
                          WHERE i.inhparent = c.oid AND NOT p.relispartition)
              FROM tree
              JOIN pg_class c ON c.oid = tree.oid AND c.relkind IN ('r', 'f')
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN identity own ON own.oid = c.oid
              JOIN identity top ON top.oid = tree.root
              LEFT JOIN LATERAL (%s) list ON true
              CROSS JOIN LATERAL (
                SELECT coalesce(array_agg(a.attname::text), '{}') AS names,
                       coalesce(array_agg(a.attname::text) FILTER (WHERE
                           CASE WHEN list.names IS NOT NULL THEN NOT a.attname::text = ANY (list.names)
                                ELSE a.attgenerated <> '' AND NOT (a.attgenerated = 's' AND ?) END), '{}') AS unpublished
                  FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) columns
             WHERE has_table_privilege(c.oid, 'SELECT') IS NOT NULL
             ORDER BY n.nspname, c.relname
            """;

    private static final String COLUMN_LIST = """
            SELECT ARRAY(SELECT a.attname::text FROM pg_attribute a
                          WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])) AS names
              FROM pg_publication_rel r
             WHERE r.prpubid = ?::oid AND r.prrelid = CASE WHEN ? THEN tree.root ELSE c.oid END AND r.prattrs IS NOT NULL
            """;

    private static final String NO_COLUMN_LIST = "SELECT NULL::text[] AS names WHERE ?::oid <> 0 AND ?";

    private static final int VERSION_WITH_COLUMN_LISTS = 15;

    /** So many tables one statement is asked for. */
    private static final int MOST_AT_ONCE = 1_000;

    /**
     * How tables are published, or would be.
     *
     * @param publication OID of the publication; 0 if there is none yet
     * @param viaRoot whether partitions are published as rows of their partitioned table
     * @param generatedColumns whether stored generated columns are published, too (18 and later)
     */
    public record Publishing(long publication, boolean viaRoot, boolean generatedColumns) {}

    private final Connection connection;

    public RelationCatalog(Connection connection) {
        this.connection = connection;
    }

    /** Every table, view and foreign table outside of the system's schemas, by OID, in the order of their names. */
    public Map<Long, Relation> relations() throws SQLException {
        Map<Long, Relation> relations = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(RELATIONS);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                long oid = rows.getLong(1);
                relations.put(
                        oid,
                        new Relation(
                                oid,
                                new TableId(rows.getString(2), rows.getString(3)),
                                Relation.Kind.ofCode(rows.getString(4).charAt(0)),
                                rows.getBoolean(5),
                                rows.getBoolean(6),
                                longs(rows.getArray(7))));
            }
        }
        return relations;
    }

    /** The leaves of those partitioned tables that a filter selects, each below the topmost one. */
    public List<Partition> partitions(Predicate<TableId> filter) throws SQLException {
        Map<Long, Relation> all = relations();
        List<Partition> partitions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PARTITIONS);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                for (long ancestor : longs(rows.getArray(4))) {
                    Relation root = all.get(ancestor);
                    if (root != null && filter.test(root.id())) {
                        TableId leaf = new TableId(rows.getString(2), rows.getString(3));
                        partitions.add(new Partition(root.oid(), root.id(), rows.getLong(1), leaf, rows.getBoolean(5)));
                        break;
                    }
                }
            }
        }
        return partitions;
    }

    /**
     * The relations with storage below these tables: their partitions, at any depth, or the tables themselves.
     *
     * @param reserved names of columns to look for
     */
    public List<LeafState> leafStates(Collection<Long> tables, Publishing publishing, Collection<String> reserved)
            throws SQLException {
        List<LeafState> leaves = new ArrayList<>();
        for (List<Long> some : batches(tables)) {
            addLeafStates(some, publishing, reserved, leaves);
        }
        leaves.sort(Comparator.comparing(LeafState::id));
        return leaves;
    }

    private void addLeafStates(
            List<Long> tables, Publishing publishing, Collection<String> reserved, List<LeafState> leaves)
            throws SQLException {
        boolean lists = connection.getMetaData().getDatabaseMajorVersion() >= VERSION_WITH_COLUMN_LISTS;
        try (PreparedStatement statement =
                connection.prepareStatement(LEAF_STATES.formatted(lists ? COLUMN_LIST : NO_COLUMN_LIST))) {
            statement.setArray(1, oids(connection, tables));
            statement.setArray(2, connection.createArrayOf("text", reserved.toArray(new String[0])));
            statement.setLong(3, publishing.publication());
            statement.setBoolean(4, publishing.viaRoot());
            statement.setBoolean(5, publishing.generatedColumns());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    leaves.add(leafState(rows));
                }
            }
        }
    }

    private static LeafState leafState(ResultSet rows) throws SQLException {
        RowIdentity own = identity(rows, 11, rows.getArray(15));
        return new LeafState(
                rows.getLong(1),
                rows.getLong(2),
                new TableId(rows.getString(3), rows.getString(4)),
                Relation.Kind.ofCode(rows.getString(5).charAt(0)),
                rows.getBoolean(6),
                rows.getBoolean(7),
                rows.getBoolean(8),
                Set.copyOf(texts(rows.getArray(9))),
                rows.getBoolean(10),
                own,
                rows.getLong(1) == rows.getLong(2) ? own : identity(rows, 16, null),
                rows.getInt(20),
                Set.copyOf(texts(rows.getArray(21))),
                rows.getBoolean(22),
                Set.copyOf(texts(rows.getArray(23))),
                longs(rows.getArray(24)));
    }

    /**
     * Reads kind, immediacy, validity and columns from four columns of the result.
     *
     * @param allColumns the columns of the relation, if its identity is FULL
     */
    private static RowIdentity identity(ResultSet rows, int first, @Nullable Array allColumns) throws SQLException {
        ReplicaIdentity kind = ReplicaIdentity.ofCode(rows.getString(first).charAt(0));
        Set<String> key = Set.copyOf(texts(rows.getArray(first + 3)));
        RowIdentity.KeyIndex index = key.isEmpty()
                ? RowIdentity.KeyIndex.ABSENT
                : !rows.getBoolean(first + 1)
                        ? RowIdentity.KeyIndex.DEFERRABLE
                        : rows.getBoolean(first + 2) ? RowIdentity.KeyIndex.USABLE : RowIdentity.KeyIndex.INVALID;
        Set<String> told = switch (kind) {
            case FULL -> Set.copyOf(texts(allColumns));
            case NOTHING -> Set.of();
            case DEFAULT, INDEX -> index == RowIdentity.KeyIndex.USABLE ? key : Set.of();
        };
        return new RowIdentity(kind, index, key, told);
    }

    /**
     * The files of these relations as the session's transaction sees them, unlike {@code pg_relation_filenode()}, which looks at the
     * present. A relation that it does not see is left out.
     */
    public Map<Long, Long> filenodes(Collection<Long> relations) throws SQLException {
        Map<Long, Long> filenodes = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT c.oid, c.relfilenode::int8 FROM pg_class c WHERE c.oid = ANY (?::oid[])")) {
            statement.setArray(1, oids(connection, relations));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    filenodes.put(rows.getLong(1), rows.getLong(2));
                }
            }
        }
        return filenodes;
    }

    /** Tables in groups for one statement each: the answer to each is held in memory, and none is large. */
    static <T> List<List<T>> batches(Collection<T> tables) {
        List<T> all = List.copyOf(tables);
        List<List<T>> batches = new ArrayList<>();
        for (int from = 0; from < all.size(); from += MOST_AT_ONCE) {
            batches.add(all.subList(from, Math.min(all.size(), from + MOST_AT_ONCE)));
        }
        return batches;
    }

    static Array oids(Connection connection, Collection<Long> oids) throws SQLException {
        return connection.createArrayOf("oid", oids.toArray(new Long[0]));
    }

    static List<Long> longs(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : List.copyOf(Arrays.asList((Long[]) array.getArray()));
    }

    static List<String> texts(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : List.copyOf(Arrays.asList((String[]) array.getArray()));
    }
}
