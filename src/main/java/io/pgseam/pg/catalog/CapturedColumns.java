package io.pgseam.pg.catalog;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** Which columns of tables are captured, and which of them are keys. */
final class CapturedColumns {

    private static final int VERSION_WITH_PUBLISHED_GENERATED_COLUMNS = 18;

    private static final String COLUMNS = """
            SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated <> ''
              FROM pg_attribute a
             WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attrelid, a.attnum
            """;

    /**
     * The primary key, unless the table names another index as its replica identity. A deferrable key is none: within a
     * transaction two rows can have it, and their changes would overwrite each other.
     */
    private static final String KEYS = """
            SELECT i.indrelid, k.attnum, k.position
              FROM pg_class c
              JOIN pg_index i ON i.indrelid = c.oid
             CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
             WHERE c.oid = ANY (?::oid[])
               AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
               AND k.position <= i.indnkeyatts AND i.indimmediate AND i.indisvalid AND i.indisready
            """;

    private final Connection connection;
    private final Function<TableId, List<String>> messageKeys;
    private final TypeCatalog types;

    /** @param messageKeys as for {@link Catalog#Catalog(Connection, Function)} */
    CapturedColumns(Connection connection, Function<TableId, List<String>> messageKeys, TypeCatalog types) {
        this.connection = connection;
        this.messageKeys = messageKeys;
        this.types = types;
    }

    /**
     * The columns of these tables, in their order.
     *
     * @param tables by OID
     * @param filter selects columns that belong to no key
     */
    Map<Long, List<Column>> of(Map<Long, SelectedTable> tables, BiPredicate<TableId, String> filter)
            throws SQLException {
        Map<Long, Map<Integer, Integer>> keys = keyPositions(tables.keySet());
        boolean generatedAreListed =
                connection.getMetaData().getDatabaseMajorVersion() >= VERSION_WITH_PUBLISHED_GENERATED_COLUMNS;
        List<Attribute> attributes = new ArrayList<>();
        // A part of a key is none: rows that differ in the rest of it would overwrite each other.
        Set<Long> withoutKey = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setArray(1, RelationCatalog.oids(connection, tables.keySet()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    SelectedTable table = tables.get(rows.getLong(1));
                    String name = rows.getString(3);
                    int inRowKey = keys.getOrDefault(rows.getLong(1), Map.of()).getOrDefault(rows.getInt(2), 0);
                    boolean generated = rows.getBoolean(7);
                    if (table == null
                            || !table.publishes(name)
                            || (generated && (table.columns() == null || !generatedAreListed))) {
                        if (inRowKey > 0) {
                            withoutKey.add(rows.getLong(1));
                        }
                        continue;
                    }
                    List<String> messageKey = table.messageKey(messageKeys);
                    int keyPosition = messageKey.isEmpty() ? inRowKey : messageKey.indexOf(name) + 1;
                    if (keyPosition > 0 || inRowKey > 0 || table.selects(name, filter)) {
                        attributes.add(new Attribute(
                                table,
                                name,
                                rows.getLong(4),
                                rows.getInt(5),
                                rows.getBoolean(6),
                                keyPosition,
                                inRowKey > 0));
                    }
                }
            }
        }
        types.load(attributes.stream().map(Attribute::type).toList());
        Map<Long, List<Column>> columns = new HashMap<>();
        for (Attribute attribute : attributes) {
            boolean keyed = !withoutKey.contains(attribute.table().oid());
            columns.computeIfAbsent(attribute.table().oid(), unused -> new ArrayList<>())
                    .add(new Column(
                            attribute.name(),
                            types.type(attribute.type()),
                            attribute.modifier(),
                            attribute.notNull(),
                            keyed || !attribute.table().messageKey(messageKeys).isEmpty() ? attribute.keyPosition() : 0,
                            keyed && attribute.inRowKey()));
        }
        return columns;
    }

    private record Attribute(
            SelectedTable table,
            String name,
            long type,
            int modifier,
            boolean notNull,
            int keyPosition,
            boolean inRowKey) {}

    /** For each table: number of a column to its place in the row key, from 1. */
    private Map<Long, Map<Integer, Integer>> keyPositions(Collection<Long> tables) throws SQLException {
        Map<Long, Map<Integer, Integer>> keys = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(KEYS)) {
            statement.setArray(1, RelationCatalog.oids(connection, tables));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    keys.computeIfAbsent(rows.getLong(1), unused -> new HashMap<>())
                            .put(rows.getInt(2), rows.getInt(3));
                }
            }
        }
        return keys;
    }
}
