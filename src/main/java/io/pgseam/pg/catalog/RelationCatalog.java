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

    /** Takes no lock on the partitions, other than {@code pg_partition_tree}. */
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

    private static final String LEAF_STATES = """
            SELECT t.oid, c.oid, n.nspname, c.relname, c.relkind, c.relpersistence = 'p',
                   has_schema_privilege(n.oid, 'USAGE'),
                   has_table_privilege(c.oid, 'SELECT'),
                   CASE WHEN NOT has_table_privilege(c.oid, 'SELECT')
                        THEN ARRAY(SELECT a.attname::text FROM pg_attribute a
                                    WHERE a.attrelid = c.oid AND (a.attnum > 0 OR a.attname = 'ctid') AND NOT a.attisdropped
                                      AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')) END,
                   row_security_active(c.oid),
                   c.relreplident,
                   (SELECT k.relreplident FROM pg_class k WHERE k.oid = t.oid),
                   ARRAY(SELECT a.attname::text
                           FROM pg_class k
                           JOIN pg_index i ON i.indrelid = k.oid
                            AND CASE WHEN k.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
                           JOIN pg_attribute a ON a.attrelid = k.oid
                            AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                          WHERE k.oid = t.oid),
                   CASE WHEN c.relreplident = 'f' AND current_setting('server_version_num')::int >= 180000
                             AND EXISTS (SELECT FROM pg_attribute a
                                          WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped)
                        THEN NULL
                        WHEN c.relreplident = 'f'
                        THEN ARRAY(SELECT a.attname::text FROM pg_attribute a
                                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
                        ELSE ARRAY(SELECT a.attname::text
                                     FROM pg_index i
                                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                                    WHERE i.indrelid = c.oid
                                      AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                                              WHEN 'i' THEN i.indisreplident ELSE false END) END
              FROM unnest(?::oid[]) AS t(oid)
              CROSS JOIN LATERAL (SELECT t.oid AS relid
                                   UNION SELECT p.relid::oid FROM pg_partition_tree(t.oid) p) l
              JOIN pg_class c ON c.oid = l.relid AND c.relkind IN ('r', 'f')
              JOIN pg_namespace n ON n.oid = c.relnamespace
             ORDER BY n.nspname, c.relname
            """;

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

    /** The relations with storage below these tables: their partitions, at any depth, or the tables themselves. */
    public List<LeafState> leafStates(Collection<Long> tables) throws SQLException {
        List<LeafState> leaves = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(LEAF_STATES)) {
            statement.setArray(1, oids(connection, tables));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    leaves.add(new LeafState(
                            rows.getLong(1),
                            rows.getLong(2),
                            new TableId(rows.getString(3), rows.getString(4)),
                            Relation.Kind.ofCode(rows.getString(5).charAt(0)),
                            rows.getBoolean(6),
                            rows.getBoolean(7),
                            rows.getBoolean(8),
                            Set.copyOf(texts(rows.getArray(9))),
                            rows.getBoolean(10),
                            ReplicaIdentity.ofCode(rows.getString(11).charAt(0)),
                            ReplicaIdentity.ofCode(rows.getString(12).charAt(0)),
                            Set.copyOf(texts(rows.getArray(13))),
                            Set.copyOf(texts(rows.getArray(14)))));
                }
            }
        }
        return leaves;
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
