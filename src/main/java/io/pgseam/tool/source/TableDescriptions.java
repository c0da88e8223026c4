package io.pgseam.tool.source;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Comments and declared array dimensions of tables: what the connector does not need, and a table made after them does. */
public final class TableDescriptions {

    private static final String TABLES =
            "SELECT c.oid, obj_description(c.oid, 'pg_class') FROM pg_class c WHERE c.oid = ANY (?::oid[])";

    private static final String COLUMNS = """
            SELECT a.attrelid, a.attname, col_description(a.attrelid, a.attnum), a.attndims,
                   coalesce((SELECT t.typndims FROM pg_type t WHERE t.oid = a.atttypid AND t.typtype = 'd'), 0)
              FROM pg_attribute a
             WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
            """;

    /**
     * A column's.
     *
     * @param comment its comment; null for none
     * @param dimensions declared dimensions of an array; 0 if it is none
     */
    public record ColumnDescription(@Nullable String comment, int dimensions) {}

    private record ColumnName(long table, String column) {}

    private final Map<Long, String> comments = new HashMap<>();
    private final Map<ColumnName, ColumnDescription> columns = new HashMap<>();

    private TableDescriptions() {}

    /** Those of these tables. */
    public static TableDescriptions of(Connection session, Collection<Long> oids) throws SQLException {
        TableDescriptions descriptions = new TableDescriptions();
        try (PreparedStatement statement = session.prepareStatement(TABLES)) {
            statement.setArray(1, session.createArrayOf("oid", oids.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (rows.getString(2) != null) {
                        descriptions.comments.put(rows.getLong(1), rows.getString(2));
                    }
                }
            }
        }
        try (PreparedStatement statement = session.prepareStatement(COLUMNS)) {
            statement.setArray(1, session.createArrayOf("oid", oids.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    descriptions.columns.put(
                            new ColumnName(rows.getLong(1), rows.getString(2)),
                            new ColumnDescription(rows.getString(3), Math.max(rows.getInt(4), rows.getInt(5))));
                }
            }
        }
        return descriptions;
    }

    /** The comment on a table; null for none. */
    public @Nullable String comment(long table) {
        return comments.get(table);
    }

    /** A column's description. */
    public ColumnDescription column(long table, String column) {
        return columns.getOrDefault(new ColumnName(table, column), new ColumnDescription(null, 0));
    }
}
