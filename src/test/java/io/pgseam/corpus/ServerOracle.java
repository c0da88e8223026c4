package io.pgseam.corpus;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pgseam.corpus.Delivered.Row;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Has PostgreSQL judge what was delivered: it is given the JSON rows, makes values of their columns' types of them, and says
 * which of its own rows are missing, and which are there that it does not have. Shares no code with the connector.
 */
final class ServerOracle implements AutoCloseable {

    /** The json type may hold it, but PostgreSQL refuses to look into such a value. */
    private static final String NO_CHARACTER = "\\u0000";

    private static final String STAND_IN = "\\u2400";

    /** Which form the comparison of a column takes. */
    private enum Form {
        /** The delivered text has to be PostgreSQL's own. */
        TEXT,
        /** JSON: a JSON null is delivered as SQL's NULL is. */
        JSON,
        /** Made of other values: what the delivered text is cast to has to print the same. */
        MADE_OF_OTHERS
    }

    private record ColumnOfTable(String name, long type, String cast, Form form) {

        String quoted() {
            return PostgresServer.quoted(name);
        }

        /** The text of the source's value. No IS NULL: a row of NULLs is not NULL. Lower bounds are not delivered. */
        String ofSource() {
            String text =
                    "CASE WHEN s." + quoted() + " IS DISTINCT FROM NULL THEN format('%s', s." + quoted() + ") END";
            String readable = "replace(" + text + ", '" + NO_CHARACTER + "', '" + STAND_IN + "')";
            return switch (form) {
                case TEXT -> text;
                case JSON -> "nullif(" + readable + ", 'null')";
                case MADE_OF_OTHERS -> "regexp_replace(" + readable + ", '^\\[[-0-9:\\]\\[]+=', '')";
            };
        }

        String ofDelivered(String object) {
            String text = "pg_temp.text_of(" + object + " -> " + literal(name) + ", " + type + ")";
            return form == Form.MADE_OF_OTHERS ? "pg_temp.printed(" + text + ", " + literal(cast) + ")" : text;
        }
    }

    private static final String RENDERING = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD';"
            + " SET IntervalStyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex';"
            + " CREATE TEMP TABLE delivered (key json, row json)";

    /** Domains are followed down to their base type. */
    private static final String COLUMNS = """
            WITH RECURSIVE base AS (
                SELECT a.attnum, a.attname, a.atttypid, a.atttypmod, a.atttypid AS type FROM pg_attribute a
                WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                UNION ALL
                SELECT base.attnum, base.attname, base.atttypid, base.atttypmod, t.typbasetype FROM base
                JOIN pg_type t ON t.oid = base.type WHERE t.typtype = 'd')
            SELECT base.attname, base.atttypid, format_type(base.atttypid, base.atttypmod),
                   CASE WHEN t.typname IN ('json', 'jsonb') THEN 'JSON'
                        WHEN t.typtype = 'c' OR t.typoutput = 'array_out'::regproc OR t.typname = 'hstore'
                        THEN 'MADE_OF_OTHERS' ELSE 'TEXT' END
            FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd' ORDER BY base.attnum""";

    private static final String KEY = """
            SELECT a.attname FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE c.oid = ?::regclass AND k.place <= i.indnkeyatts
              AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
            ORDER BY k.place""";

    private static final int REPORTED = 5;
    private static final int COMPARED = 1_000;
    private static final int CROPPED = 300;

    private final Connection connection;

    ServerOracle(TestDatabase database) throws SQLException {
        connection = database.connect();
        execute(RENDERING);
        execute(Script.text("text_of.sql"));
    }

    /**
     * Compares a table with what its topic holds.
     *
     * @param table its quoted name
     * @param from what its own rows are selected from: the table, or ONLY the table
     * @throws AssertionError with the rows that differ
     */
    void assertDelivered(String table, String from, List<Row> rows) throws SQLException, IOException {
        List<ColumnOfTable> columns = columns(table);
        List<String> key = texts(KEY, table);
        load(rows);
        assertShape(table, columns, key);
        String source = columns.stream().map(ColumnOfTable::ofSource).collect(Collectors.joining(", "));
        String delivered =
                columns.stream().map(column -> column.ofDelivered("row")).collect(Collectors.joining(", "));
        execute("CREATE TEMP TABLE truth AS SELECT ARRAY[" + source + "]::text[] AS values FROM " + from + " s;"
                + " CREATE TEMP TABLE replayed AS SELECT ARRAY[" + delivered + "]::text[] AS values FROM delivered");
        List<String[]> missing = difference("truth", "replayed");
        List<String[]> ghosts = difference("replayed", "truth");
        execute("DROP TABLE truth, replayed");
        if (!missing.isEmpty() || !ghosts.isEmpty()) {
            throw new AssertionError(report(table, columns, key, missing, ghosts));
        }
    }

    private List<String[]> difference(String some, String others) throws SQLException {
        List<String[]> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT values FROM " + some
                        + " EXCEPT ALL SELECT values FROM " + others + " LIMIT " + COMPARED)) {
            while (result.next()) {
                rows.add((String[]) result.getArray(1).getArray());
            }
        }
        return rows;
    }

    /** The columns of a table's key in their order; none if it has no key. */
    List<String> keyOf(String table) throws SQLException {
        return texts(KEY, table);
    }

    /** Keys hold the key's columns in their order, with the values of the row; rows hold the columns in their order. */
    private void assertShape(String table, List<ColumnOfTable> columns, List<String> key) throws SQLException {
        String keyDiffers = columns.stream()
                .filter(column -> key.contains(column.name()))
                .map(column -> column.ofDelivered("key") + " IS DISTINCT FROM " + column.ofDelivered("row"))
                .collect(Collectors.joining(" OR "));
        String condition = key.isEmpty()
                ? "key IS NOT NULL"
                : "key IS NULL OR " + names("key") + " <> " + array(key) + " OR " + keyDiffers;
        String row = columns.isEmpty()
                ? "false"
                : names("row") + " <> "
                        + array(columns.stream().map(ColumnOfTable::name).toList());
        List<String> wrong = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT concat(key, ' ', row) FROM delivered WHERE "
                        + condition + " OR " + row + " LIMIT " + REPORTED)) {
            while (result.next()) {
                wrong.add(result.getString(1));
            }
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError("records of " + table + ", key " + key + ", have a wrong key or wrong fields:\n  "
                    + String.join("\n  ", wrong));
        }
    }

    private static String names(String object) {
        return "(SELECT array_agg(names ORDER BY place) FROM json_object_keys(" + object
                + ") WITH ORDINALITY AS k (names, place))";
    }

    private static String array(List<String> texts) {
        return "ARRAY[" + texts.stream().map(ServerOracle::literal).collect(Collectors.joining(", ")) + "]";
    }

    private static String literal(String text) {
        String doubled = text.replace("'", "''");
        return text.contains("\\") ? " E'" + doubled.replace("\\", "\\\\") + "'" : "'" + doubled + "'";
    }

    /** As bytes: given characters, the driver would cut pairs of surrogates at the ends of its buffer. */
    private void load(List<Row> rows) throws SQLException, IOException {
        execute("TRUNCATE delivered");
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            text.append(row.key() == null ? "\\N" : copied(row.key()))
                    .append('\t')
                    .append(copied(row.columns().replace(NO_CHARACTER, STAND_IN)))
                    .append('\n');
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn(
                        "COPY delivered FROM STDIN",
                        new ByteArrayInputStream(text.toString().getBytes(UTF_8)));
    }

    private static String copied(String text) {
        return text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\t", "\\t")
                .replace("\r", "\\r");
    }

    private static String report(
            String table,
            List<ColumnOfTable> columns,
            List<String> key,
            List<String[]> missing,
            List<String[]> ghosts) {
        StringBuilder report =
                new StringBuilder(table + ": " + missing.size() + " rows missing, " + ghosts.size() + " rows too many");
        for (String[] row : missing.subList(0, Math.min(REPORTED, missing.size()))) {
            String[] other = ghosts.stream()
                    .filter(ghost -> !key.isEmpty() && sameKey(columns, key, row, ghost))
                    .findFirst()
                    .orElse(null);
            report.append("\n  missing");
            for (int i = 0; i < row.length; i++) {
                boolean differs = other == null || !Objects.equals(row[i], other[i]);
                if (differs || key.contains(columns.get(i).name())) {
                    report.append(' ')
                            .append(columns.get(i).name())
                            .append(' ')
                            .append(columns.get(i).cast());
                    report.append(' ').append(cropped(row[i]));
                    report.append(other == null || !differs ? ";" : ", delivered " + cropped(other[i]) + ";");
                }
            }
        }
        ghosts.stream()
                .limit(REPORTED)
                .forEach(ghost -> report.append("\n  too many ")
                        .append(cropped(
                                Arrays.stream(ghost).map(ServerOracle::cropped).collect(Collectors.joining(", ")))));
        return report.toString();
    }

    private static String cropped(@Nullable String text) {
        return text == null || text.length() <= CROPPED
                ? "<" + text + ">"
                : "<" + text.substring(0, CROPPED) + "… of " + text.length() + " characters>";
    }

    private static boolean sameKey(List<ColumnOfTable> columns, List<String> key, String[] one, String[] other) {
        for (int i = 0; i < columns.size(); i++) {
            if (key.contains(columns.get(i).name()) && !Objects.equals(one[i], other[i])) {
                return false;
            }
        }
        return true;
    }

    private List<ColumnOfTable> columns(String table) throws SQLException {
        List<ColumnOfTable> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(new ColumnOfTable(
                            rows.getString(1), rows.getLong(2), rows.getString(3), Form.valueOf(rows.getString(4))));
                }
            }
        }
        return columns;
    }

    private List<@Nullable String> texts(String query, String parameter) throws SQLException {
        List<@Nullable String> texts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, parameter);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    texts.add(rows.getString(1));
                }
            }
        }
        return texts;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
