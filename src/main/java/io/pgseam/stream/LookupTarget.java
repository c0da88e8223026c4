package io.pgseam.stream;

import io.pgseam.pg.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of a relation are found now: by its OID, since its name and those of its columns may be others than when the
 * change at hand was made.
 *
 * @param id its name now
 * @param partitioned whether its rows are in partitions; else those of tables that inherit from it are not its own
 * @param attributes number of each column by its name, without dropped ones
 * @param equality for columns of unique indexes, the operator that the index finds rows by, as SQL: the {@code =} that a name
 *     finds by itself may be another one, or none, for types that an extension brings
 */
record LookupTarget(TableId id, boolean partitioned, Map<String, Integer> attributes, Map<String, String> equality) {

    private static final String TABLE = """
            SELECT n.nspname, c.relname, c.relkind = 'p',
                   ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                            AND NOT a.attisdropped ORDER BY a.attnum),
                   ARRAY(SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                            AND NOT a.attisdropped ORDER BY a.attnum)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = ?::oid
            """;

    /** The last row of a column wins: the replica identity before the primary key before other indexes. */
    private static final String EQUALITY = """
            SELECT a.attname, n.nspname, o.oprname
              FROM pg_index i
             CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[]) AS k(attnum, opclass)
              JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
              JOIN pg_opclass c ON c.oid = k.opclass
              JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype
                            AND m.amoprighttype = c.opcintype AND m.amopstrategy = 3
              JOIN pg_operator o ON o.oid = m.amopopr
              JOIN pg_namespace n ON n.oid = o.oprnamespace
             WHERE i.indrelid = ?::oid AND i.indisunique AND i.indisvalid
             ORDER BY i.indisreplident, i.indisprimary
            """;

    private static final String DEFAULT_EQUALITY = "OPERATOR(\"pg_catalog\".=)";

    /**
     * Reads it from the catalogue.
     *
     * @return null where the relation is gone
     */
    static @Nullable LookupTarget read(Connection session, long oid) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(TABLE)) {
            statement.setLong(1, oid);
            try (ResultSet table = statement.executeQuery()) {
                return table.next()
                        ? new LookupTarget(
                                new TableId(table.getString(1), table.getString(2)),
                                table.getBoolean(3),
                                attributes(table.getArray(4), table.getArray(5)),
                                equality(session, oid))
                        : null;
            }
        }
    }

    private static Map<String, Integer> attributes(Array names, Array numbers) throws SQLException {
        Map<String, Integer> attributes = new HashMap<>();
        Object[] name = (Object[]) names.getArray();
        Object[] number = (Object[]) numbers.getArray();
        for (int i = 0; i < name.length; i++) {
            attributes.put((String) name[i], ((Number) number[i]).intValue());
        }
        return attributes;
    }

    private static Map<String, String> equality(Connection session, long oid) throws SQLException {
        Map<String, String> equality = new HashMap<>();
        try (PreparedStatement statement = session.prepareStatement(EQUALITY)) {
            statement.setLong(1, oid);
            try (ResultSet columns = statement.executeQuery()) {
                while (columns.next()) {
                    // The name of an operator has no quotes.
                    equality.put(
                            columns.getString(1),
                            "OPERATOR(" + TableId.quoteIdentifier(columns.getString(2)) + "." + columns.getString(3)
                                    + ")");
                }
            }
        }
        return equality;
    }

    /** The operator to compare a column of the key with, as SQL. */
    String equalityOf(String column) {
        return equality.getOrDefault(column, DEFAULT_EQUALITY);
    }

    boolean has(String column) {
        return attributes.containsKey(column);
    }

    /** What the column of this number is called; null where there is none, or none any more. */
    @Nullable
    String nameOf(int number) {
        for (Map.Entry<String, Integer> attribute : attributes.entrySet()) {
            if (attribute.getValue() == number) {
                return attribute.getKey();
            }
        }
        return null;
    }
}
