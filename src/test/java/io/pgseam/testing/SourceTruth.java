package io.pgseam.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the source really has, read by plain SQL, to hold a {@link Replay} against.
 *
 * <p>Works on the caller's connection, in whatever transaction that is in: two tables that are compared together have to be
 * read in one REPEATABLE READ transaction, and {@link #atSnapshot} reads where somebody else looks.
 */
public final class SourceTruth {

    private static final String RENDERING = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD';"
            + " SET IntervalStyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex'";

    /** Domains are followed down to their base type, and arrays to their elements. */
    private static final String COLUMNS = """
            WITH RECURSIVE base AS (
                SELECT a.attnum, a.attname, a.atttypid AS type FROM pg_attribute a
                WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                UNION ALL
                SELECT base.attnum, base.attname, t.typbasetype FROM base
                JOIN pg_type t ON t.oid = base.type WHERE t.typtype = 'd')
            SELECT base.attname, coalesce(element.typname, t.typname), element.oid IS NOT NULL
            FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd'
            LEFT JOIN pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
            ORDER BY base.attnum""";

    private static final String PRIMARY_KEY = """
            SELECT a.attname FROM pg_index i
            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE i.indrelid = ?::regclass AND i.indisprimary AND k.place <= i.indnkeyatts ORDER BY k.place""";

    private static final int FETCH_SIZE = 10_000;

    private final Connection connection;

    /** Reads through this connection; its rendering settings are changed. */
    public SourceTruth(Connection connection) throws SQLException {
        this.connection = connection;
        PostgresServer.execute(connection, RENDERING);
    }

    /**
     * Opens a transaction that sees what an exported snapshot sees.
     *
     * @param snapshot the id that {@code pg_export_snapshot()} or CREATE_REPLICATION_SLOT gave; its exporter must still be
     *     in its transaction
     * @param connection a connection in autocommit; it is left inside the transaction
     */
    public static SourceTruth atSnapshot(Connection connection, String snapshot) throws SQLException {
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        PostgresServer.execute(connection, "SET TRANSACTION SNAPSHOT '" + snapshot.replace("'", "''") + "'");
        return new SourceTruth(connection);
    }

    /**
     * Compares a table with the replay of its topic.
     *
     * @param table the table as SQL writes it, quoted where it has to be
     * @throws AssertionError with counts and the first keys that differ
     */
    public void assertReplayed(String table, Replay replay, String topic) throws SQLException {
        assertReplayed(table, Set.of(), replay, topic);
    }

    /**
     * Compares a table, without some columns, with the replay of its topic.
     *
     * @param table the table as SQL writes it, quoted where it has to be
     * @param excludedColumns columns that must not be in the records
     * @throws AssertionError with counts and the first keys that differ
     */
    public void assertReplayed(String table, Set<String> excludedColumns, Replay replay, String topic)
            throws SQLException {
        assertReplayed(table, "true", excludedColumns, replay, topic);
    }

    /**
     * Compares some rows of a table, without some columns, with the replay of its topic.
     *
     * @param table the table as SQL writes it, quoted where it has to be
     * @param condition which rows have to be there, as SQL
     * @param excludedColumns columns that must not be in the records
     * @throws AssertionError with counts and the first keys that differ
     */
    public void assertReplayed(String table, String condition, Set<String> excludedColumns, Replay replay, String topic)
            throws SQLException {
        TableContents expected = read(table, condition, excludedColumns);
        expected.assertEqualTo(expected.ofRecords(replay.rows(topic)));
    }

    /**
     * Compares a table with the replay of its topic, in which nothing may be there twice.
     *
     * @param table the table as SQL writes it, quoted where it has to be
     * @throws AssertionError with what is wrong
     */
    public static void assertExact(TestDatabase database, String table, String bootstrapServers, String topic)
            throws SQLException {
        Replay replay = new Replay();
        replay.apply(TopicReader.readAll(bootstrapServers, topic));
        replay.assertConsistent();
        replay.assertNoDuplicates();
        try (Connection connection = database.connect()) {
            new SourceTruth(connection).assertReplayed(table, replay, topic);
        }
    }

    /** How many rows a table has. */
    public long count(String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The rows that a table has now, to compare with a replay later. */
    public TableContents contents(String table) throws SQLException {
        return read(table, Set.of());
    }

    TableContents read(String table, Set<String> excludedColumns) throws SQLException {
        return read(table, "true", excludedColumns);
    }

    private TableContents read(String table, String condition, Set<String> excludedColumns) throws SQLException {
        List<CanonicalColumn> columns = columns(table, excludedColumns);
        List<String> key = primaryKey(table);
        if (key.isEmpty()) {
            throw new IllegalArgumentException("table " + table + " has no primary key to compare by");
        }
        List<Integer> keyPlaces = key.stream()
                .map(name ->
                        columns.stream().map(CanonicalColumn::name).toList().indexOf(name))
                .toList();
        String list = columns.stream()
                .map(column -> PostgresServer.quoted(column.name()))
                .collect(Collectors.joining(", "));
        Map<List<@Nullable String>, List<@Nullable String>> rows = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_SIZE);
            try (ResultSet result =
                    statement.executeQuery("SELECT " + list + " FROM " + table + " WHERE " + condition)) {
                while (result.next()) {
                    List<@Nullable String> values = new ArrayList<>(columns.size());
                    for (int index = 0; index < columns.size(); index++) {
                        values.add(columns.get(index).ofSource(result.getString(index + 1)));
                    }
                    List<@Nullable String> rowKey = new ArrayList<>(keyPlaces.size());
                    keyPlaces.forEach(place -> rowKey.add(values.get(place)));
                    rows.put(rowKey, values);
                }
            }
        }
        return new TableContents(table, columns, key, rows);
    }

    /** The columns of a table in their order, without generated ones and without those that are excluded. */
    public List<CanonicalColumn> columns(String table, Set<String> excludedColumns) throws SQLException {
        List<CanonicalColumn> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (!excludedColumns.contains(rows.getString(1))) {
                        columns.add(new CanonicalColumn(
                                rows.getString(1), CanonicalColumn.Kind.of(rows.getString(2)), rows.getBoolean(3)));
                    }
                }
            }
        }
        return columns;
    }

    /** Names of the columns of a table's primary key, in key order; empty where it has none. */
    public List<String> primaryKey(String table) throws SQLException {
        List<String> key = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PRIMARY_KEY)) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    key.add(rows.getString(1));
                }
            }
        }
        return key;
    }
}
