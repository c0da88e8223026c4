package io.pgseam.pg.catalog;

import io.pgseam.pg.PgType;
import io.pgseam.pg.PgType.Attribute;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/**
 * The data types of the source database, read when they are first asked for, and kept. One thread at a time.
 *
 * <p>A type that was altered keeps its OID: what is kept here stays right, but for the name of a renamed type.
 */
public final class TypeCatalog {

    /**
     * The types that are asked for, and all that they are made of. An array is what {@code array_out} prints: {@code
     * int2vector} and {@code point} have elements, too, but print in forms of their own. A composite is what {@code record_out}
     * prints: its attributes in their order, but for the dropped ones.
     */
    private static final String TYPES = """
            WITH RECURSIVE needed(oid) AS (
                SELECT unnest(?::oid[])
                UNION
                SELECT part.oid FROM needed JOIN pg_type t USING (oid)
                  CROSS JOIN LATERAL (VALUES (t.typelem), (t.typbasetype)
                    UNION ALL SELECT a.atttypid FROM pg_attribute a
                     WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS part(oid)
                 WHERE part.oid <> 0)
            SELECT t.oid, n.nspname, t.typname, t.typtype,
                   t.typelem <> 0 AND t.typoutput = 'pg_catalog.array_out'::regproc,
                   t.typelem, t.typbasetype, t.typtypmod, t.typdelim, attributes.names, attributes.types, attributes.modifiers
              FROM needed JOIN pg_type t USING (oid) JOIN pg_namespace n ON n.oid = t.typnamespace
              CROSS JOIN LATERAL (
                SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names,
                       array_agg(a.atttypid::int8 ORDER BY a.attnum) AS types,
                       array_agg(a.atttypmod::int8 ORDER BY a.attnum) AS modifiers
                  FROM pg_attribute a
                 WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes
            """;

    private final Connection connection;
    private final Map<Long, PgType> types = new HashMap<>();

    public TypeCatalog(Connection connection) {
        this.connection = connection;
    }

    /**
     * The type with this OID.
     *
     * @throws SQLException where the database has none (SQLSTATE 42704), or could not be asked
     */
    public PgType type(long oid) throws SQLException {
        PgType loaded = find(oid);
        if (loaded == null) {
            throw new SQLException("there is no type with OID " + oid, PSQLState.UNDEFINED_OBJECT.getState());
        }
        return loaded;
    }

    /**
     * The type with this OID; null if the database has none.
     *
     * @throws SQLException if the database could not be asked
     */
    public @Nullable PgType find(long oid) throws SQLException {
        load(List.of(oid));
        return types.get(oid);
    }

    /** Reads those of the types that are not known yet, in one go. */
    public void load(Collection<Long> oids) throws SQLException {
        List<Long> unknown =
                oids.stream().filter(oid -> !types.containsKey(oid)).distinct().toList();
        if (unknown.isEmpty()) {
            return;
        }
        Map<Long, Row> rows = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(TYPES)) {
            statement.setArray(1, RelationCatalog.oids(connection, unknown));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.put(result.getLong(1), Row.of(result));
                }
            }
        }
        for (long oid : rows.keySet()) {
            resolve(oid, rows);
        }
    }

    private @Nullable PgType resolve(long oid, Map<Long, Row> rows) {
        PgType known = types.get(oid);
        Row row = rows.get(oid);
        if (known != null || row == null) {
            return known;
        }
        PgType element = switch (row.kind()) {
            case ARRAY -> resolve(row.elementOid(), rows);
            case DOMAIN -> resolve(row.baseOid(), rows);
            case BASE, ENUM, COMPOSITE, RANGE, MULTIRANGE, PSEUDO -> null;
        };
        PgType type = new PgType(
                oid,
                row.schema(),
                row.name(),
                row.kind(),
                element,
                row.modifier(),
                row.delimiter(),
                attributes(row, rows));
        types.put(oid, type);
        return type;
    }

    /** The server refuses a composite that is made a part of itself, in whatever way, so that this ends. */
    private List<Attribute> attributes(Row row, Map<Long, Row> rows) {
        List<Attribute> attributes = new ArrayList<>();
        for (RowAttribute attribute : row.attributes()) {
            PgType type = resolve(attribute.typeOid(), rows);
            if (type != null) {
                attributes.add(new Attribute(attribute.name(), type, attribute.modifier()));
            }
        }
        return attributes;
    }

    private record RowAttribute(String name, long typeOid, int modifier) {}

    private record Row(
            String schema,
            String name,
            PgType.Kind kind,
            long elementOid,
            long baseOid,
            int modifier,
            char delimiter,
            List<RowAttribute> attributes) {

        static Row of(ResultSet result) throws SQLException {
            char code = result.getString(4).charAt(0);
            return new Row(
                    result.getString(2),
                    result.getString(3),
                    result.getBoolean(5) ? PgType.Kind.ARRAY : kind(code),
                    result.getLong(6),
                    result.getLong(7),
                    result.getInt(8),
                    result.getString(9).charAt(0),
                    code == 'c' ? attributes(result) : List.of());
        }

        private static List<RowAttribute> attributes(ResultSet result) throws SQLException {
            List<String> names = RelationCatalog.texts(result.getArray(10));
            List<Long> types = RelationCatalog.longs(result.getArray(11));
            List<Long> modifiers = RelationCatalog.longs(result.getArray(12));
            List<RowAttribute> attributes = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                attributes.add(new RowAttribute(
                        names.get(i), types.get(i), modifiers.get(i).intValue()));
            }
            return attributes;
        }

        private static PgType.Kind kind(char code) {
            return switch (code) {
                case 'b' -> PgType.Kind.BASE;
                case 'c' -> PgType.Kind.COMPOSITE;
                case 'd' -> PgType.Kind.DOMAIN;
                case 'e' -> PgType.Kind.ENUM;
                case 'p' -> PgType.Kind.PSEUDO;
                case 'r' -> PgType.Kind.RANGE;
                case 'm' -> PgType.Kind.MULTIRANGE;
                default -> throw new IllegalArgumentException("unknown type kind '" + code + "'");
            };
        }
    }
}
