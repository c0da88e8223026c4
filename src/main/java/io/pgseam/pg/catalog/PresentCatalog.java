package io.pgseam.pg.catalog;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.WalPosition;
import io.pgseam.pg.catalog.CompositeTypes.CompositeType;
import io.pgseam.pg.catalog.CompositeTypes.TypeAttribute;
import io.pgseam.pg.catalog.PresentTable.Attribute;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks up single tables by OID. Waits for no lock on a table, unlike what asks for publications and sizes: the stream must
 * not stand still behind an ALTER TABLE.
 */
public final class PresentCatalog {

    private static final String TABLES = """
            SELECT n.nspname, c.relname, c.relreplident,
                   ARRAY(SELECT an.nspname::text
                           FROM pg_partition_ancestors(c.oid) WITH ORDINALITY AS a(relid, distance)
                           JOIN pg_class ac ON ac.oid = a.relid JOIN pg_namespace an ON an.oid = ac.relnamespace
                          WHERE a.distance > 1 ORDER BY a.distance),
                   ARRAY(SELECT ac.relname::text
                           FROM pg_partition_ancestors(c.oid) WITH ORDINALITY AS a(relid, distance)
                           JOIN pg_class ac ON ac.oid = a.relid
                          WHERE a.distance > 1 ORDER BY a.distance),
                   c.oid, pg_current_snapshot()::text
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = ANY (?::oid[])
            """;

    /**
     * Without its relation, {@code pg_get_expr} takes no lock; a default has no columns that it would need it for. The missing
     * value stands in an array of one element.
     */
    private static final String ATTRIBUTES = """
            SELECT a.attnum, a.attname, a.attisdropped, a.atttypid, a.atttypmod, a.attnotnull, coalesce(k.position, 0),
                   a.attgenerated <> '',
                   CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END,
                   CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END, a.attrelid
              FROM pg_attribute a
              JOIN pg_class c ON c.oid = a.attrelid
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              LEFT JOIN LATERAL (
                SELECT k.position
                  FROM pg_index i
                 CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
                 WHERE i.indrelid = c.oid AND k.attnum = a.attnum AND k.position <= i.indnkeyatts
                   AND i.indimmediate AND i.indisvalid AND i.indisready
                   AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
                 LIMIT 1) k ON true
             WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0
             ORDER BY a.attrelid, a.attnum
            """;

    private static final String GONE = """
            SELECT (%s)::text,
                   ARRAY(SELECT t.oid::int8 FROM unnest(?::oid[]) AS t(oid)
                          WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.oid))
            """.formatted(WalPosition.NOT_BEFORE_SNAPSHOT);

    private static final String MADE_INSIDE = """
            SELECT EXISTS (SELECT FROM pg_partition_ancestors(c.oid) AS above(relid)
                            WHERE above.relid <> c.oid AND above.relid::oid = ANY (?::oid[]))
                   AND %s
              FROM pg_class c WHERE c.oid = ?::oid
            """.formatted(RelationCatalog.MADE_INSIDE);

    private static final String COMPOSITES = """
            SELECT t.oid, n.nspname, t.typname,
                   array_agg(a.attnum::int8 ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL),
                   array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL),
                   array_agg(a.atttypid::int8 ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL),
                   array_agg(a.atttypmod::int8 ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL)
              FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
              LEFT JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE t.oid = ANY (?::oid[]) AND t.typtype = 'c'
             GROUP BY t.oid, n.nspname, t.typname ORDER BY t.oid
            """;

    /** A snapshot that shows no transaction: nothing was seen. */
    private static final String NO_TRANSACTION = "3:3:";

    private final Connection connection;

    public PresentCatalog(Connection connection) {
        this.connection = connection;
    }

    /** The table of this OID; empty if there is none at present. */
    public Optional<PresentTable> table(long oid) throws SQLException {
        return Optional.ofNullable(tables(List.of(oid)).byOid().get(oid));
    }

    /**
     * The tables of these OIDs, by two statements, however many they are. It locks none of them.
     *
     * @param oids OIDs of tables; one that is gone is left out
     */
    public PresentTables tables(Collection<Long> oids) throws SQLException {
        Map<Long, PresentTable> tables = new HashMap<>();
        String snapshot = NO_TRANSACTION;
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            statement.setArray(1, RelationCatalog.oids(connection, oids));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    long oid = rows.getLong(6);
                    snapshot = rows.getString(7);
                    tables.put(
                            oid,
                            new PresentTable(
                                    oid,
                                    new TableId(rows.getString(1), rows.getString(2)),
                                    ReplicaIdentity.ofCode(rows.getString(3).charAt(0)),
                                    ancestors(rows),
                                    List.of()));
                }
            }
        }
        Map<Long, List<Attribute>> attributes = attributes(tables.keySet());
        tables.replaceAll((oid, table) -> new PresentTable(
                oid, table.id(), table.replicaIdentity(), table.ancestors(), attributes.getOrDefault(oid, List.of())));
        return PresentTables.of(snapshot, tables);
    }

    /**
     * Whether a table was made as a partition of one of these tables, and not attached to it.
     *
     * @param oid OID of the table
     * @param roots OIDs of partitioned tables
     * @return empty if the table is gone
     */
    public Optional<Boolean> isMadeInside(long oid, Collection<Long> roots) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MADE_INSIDE)) {
            statement.setArray(1, RelationCatalog.oids(connection, roots));
            statement.setLong(2, oid);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getBoolean(1)) : Optional.empty();
            }
        }
    }

    /**
     * Which of these tables are gone, and where the WAL ends: the position is taken after the snapshot by which they are.
     *
     * @param oids OIDs of tables
     */
    public GoneTables gone(Collection<Long> oids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(GONE)) {
            statement.setArray(1, RelationCatalog.oids(connection, oids));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return new GoneTables(
                        Lsn.parse(rows.getString(1)), Set.copyOf(RelationCatalog.longs(rows.getArray(2))));
            }
        }
    }

    /** Whether there is a table of this name at present. */
    public boolean exists(TableId table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p'))")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getBoolean(1);
            }
        }
    }

    /**
     * Composite types, and where the WAL ends then.
     *
     * @param oids OIDs of types; one that is gone is left out
     */
    public CompositeTypes composites(Collection<Long> oids) throws SQLException {
        List<CompositeType> types = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COMPOSITES)) {
            statement.setArray(1, RelationCatalog.oids(connection, oids));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    types.add(new CompositeType(rows.getLong(1), rows.getString(2), rows.getString(3), parts(rows)));
                }
            }
        }
        return new CompositeTypes(gone(List.of()).position(), types);
    }

    private static List<TypeAttribute> parts(ResultSet row) throws SQLException {
        List<Long> numbers = RelationCatalog.longs(row.getArray(4));
        List<String> names = RelationCatalog.texts(row.getArray(5));
        List<Long> types = RelationCatalog.longs(row.getArray(6));
        List<Long> modifiers = RelationCatalog.longs(row.getArray(7));
        List<TypeAttribute> parts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            parts.add(new TypeAttribute(
                    numbers.get(i).intValue(),
                    names.get(i),
                    types.get(i),
                    modifiers.get(i).intValue()));
        }
        return parts;
    }

    private static List<TableId> ancestors(ResultSet row) throws SQLException {
        List<String> schemas = RelationCatalog.texts(row.getArray(4));
        List<String> tables = RelationCatalog.texts(row.getArray(5));
        List<TableId> ancestors = new ArrayList<>();
        for (int i = 0; i < schemas.size(); i++) {
            ancestors.add(new TableId(schemas.get(i), tables.get(i)));
        }
        return ancestors;
    }

    private Map<Long, List<Attribute>> attributes(Collection<Long> oids) throws SQLException {
        Map<Long, List<Attribute>> attributes = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(ATTRIBUTES)) {
            statement.setArray(1, RelationCatalog.oids(connection, oids));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    attributes
                            .computeIfAbsent(rows.getLong(11), oid -> new ArrayList<>())
                            .add(new Attribute(
                                    rows.getInt(1),
                                    rows.getString(2),
                                    rows.getBoolean(3),
                                    rows.getLong(4),
                                    rows.getInt(5),
                                    rows.getBoolean(6),
                                    rows.getInt(7),
                                    rows.getBoolean(8),
                                    rows.getString(9),
                                    rows.getString(10)));
                }
            }
        }
        return attributes;
    }
}
