package io.pgseam.pg.catalog;

import io.pgseam.pg.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The columns of relations, whether they are captured or not. One query for all of them. */
public final class ColumnCatalog {

    private static final String COLUMNS = """
            SELECT a.attrelid, a.attname, a.atttypid, a.atttypmod, a.attnotnull
              FROM pg_attribute a
             WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attrelid, a.attnum
            """;

    private final Connection connection;

    public ColumnCatalog(Connection connection) {
        this.connection = connection;
    }

    /** The columns of each of these relations, by its OID, in their order. What keys they are part of is not looked up. */
    public Map<Long, List<Column>> columns(Collection<Long> relations) throws SQLException {
        record Attribute(long relation, String name, long type, int modifier, boolean notNull) {}
        List<Attribute> attributes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setArray(1, RelationCatalog.oids(connection, relations));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    attributes.add(new Attribute(
                            rows.getLong(1), rows.getString(2), rows.getLong(3), rows.getInt(4), rows.getBoolean(5)));
                }
            }
        }
        TypeCatalog types = new TypeCatalog(connection);
        types.load(attributes.stream().map(Attribute::type).toList());
        Map<Long, List<Column>> columns = new HashMap<>();
        for (Attribute attribute : attributes) {
            columns.computeIfAbsent(attribute.relation(), unused -> new ArrayList<>())
                    .add(new Column(
                            attribute.name(),
                            types.type(attribute.type()),
                            attribute.modifier(),
                            attribute.notNull(),
                            0));
        }
        return columns;
    }
}
