package io.pgseam.types;

import io.pgseam.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Asks PostgreSQL whether the JSON that was delivered of the table {@code samples} is what the table has. */
final class Judge {

    /** No operator for it, or none for a part of it. */
    private static final String UNDEFINED_FUNCTION = "42883";

    private final TestDatabase database;
    private final List<SampleType> types;

    /** @param types the types of the columns {@code c0}, {@code c1} and so on, which follow the {@code id} */
    Judge(TestDatabase database, List<SampleType> types) {
        this.database = database;
        this.types = types;
    }

    /** Makes the table, with what the types need. */
    void createTable() throws SQLException {
        StringBuilder table = new StringBuilder("CREATE TABLE samples (id int PRIMARY KEY");
        for (int i = 0; i < types.size(); i++) {
            table.append(", c").append(i).append(' ').append(types.get(i).sql());
        }
        database.execute(table.append(')').toString());
    }

    /** Names of the columns, with a comma before each. */
    String columns() {
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < types.size(); i++) {
            columns.append(", c").append(i);
        }
        return columns.toString();
    }

    /** So many rows of random values, with the ids from 0 on. */
    void fill(Random random, int count) throws SQLException, IOException {
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            List<@Nullable String> values = new ArrayList<>();
            values.add(String.valueOf(row));
            for (SampleType type : types) {
                values.add(type.value(random, row));
            }
            rows.add(values);
        }
        fill(rows);
    }

    void fill(List<List<@Nullable String>> rows) throws SQLException, IOException {
        copyIn("samples", rows);
    }

    private void copyIn(String table, List<List<@Nullable String>> rows) throws SQLException, IOException {
        StringBuilder lines = new StringBuilder();
        for (List<@Nullable String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                String value = row.get(i);
                lines.append(i == 0 ? "" : "\t")
                        .append(
                                value == null
                                        ? "\\N"
                                        : value.replace("\\", "\\\\")
                                                .replace("\n", "\\n")
                                                .replace("\r", "\\r")
                                                .replace("\t", "\\t"));
            }
            lines.append('\n');
        }
        // Bytes, not a Reader: the driver would cut that between the two halves of a character, and lose it.
        ByteArrayInputStream bytes = new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8));
        try (Connection connection = database.connect()) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY " + table + " FROM STDIN", bytes);
        }
    }

    /**
     * What is not as it should be, for people.
     *
     * @param delivered the JSON of each column, by the row's id
     */
    List<String> problems(Map<Integer, List<String>> delivered) throws SQLException, IOException {
        StringBuilder table = new StringBuilder("CREATE TABLE delivered (id int PRIMARY KEY");
        List<String> wrappers = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            table.append(", c").append(i).append(" text");
            wrappers.add("CREATE TYPE one_c" + i + " AS (v " + types.get(i).sql() + ")");
        }
        database.execute(table.append(')').toString());
        database.execute(wrappers.toArray(String[]::new));
        List<List<@Nullable String>> rows = new ArrayList<>();
        delivered.forEach((id, values) -> {
            List<@Nullable String> row = new ArrayList<>(List.of(String.valueOf(id)));
            row.addAll(values);
            rows.add(row);
        });
        copyIn("delivered", rows);
        List<String> problems = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'; ANALYZE samples; ANALYZE delivered");
            for (int i = 0; i < types.size(); i++) {
                problems.addAll(differences(statement, types.get(i), i));
            }
        }
        return problems;
    }

    /** What PostgreSQL finds different in a column. */
    private static List<String> differences(Statement statement, SampleType type, int column) {
        String stored = String.format(type.truth().stored(), "s.c" + column, type.sql());
        String arrived =
                String.format(type.truth().delivered(), "d.c" + column, type.sql(), "one_c" + column, "s.c" + column);
        String pairs = "SELECT s.id, s.c" + column + "::text AS text, d.c" + column + " AS json, " + stored
                + " AS stored, " + arrived + " AS arrived FROM samples s JOIN delivered d USING (id)";
        List<String> found = new ArrayList<>();
        try {
            found.addAll(query(statement, type, pairs, "stored::text IS DISTINCT FROM arrived::text"));
            if (type.truth().equality()) {
                found.addAll(query(statement, type, pairs, "stored IS DISTINCT FROM arrived"));
            }
        } catch (SQLException e) {
            boolean withoutEquality = UNDEFINED_FUNCTION.equals(e.getSQLState())
                    && String.valueOf(e.getMessage()).matches("(?s).*(equality operator|operator does not exist).*");
            if (!withoutEquality) {
                found.add(type.sql() + " cannot be read back: " + e.getMessage());
            }
        }
        return found;
    }

    private static List<String> query(Statement statement, SampleType type, String pairs, String condition)
            throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT id, text, json FROM (" + pairs + " OFFSET 0) AS p WHERE "
                + condition + " ORDER BY id LIMIT 3")) {
            while (rows.next()) {
                found.add(type.sql() + ", row " + rows.getInt(1) + ": stored <" + rows.getString(2) + ">, delivered <"
                        + rows.getString(3) + ">");
            }
        }
        return found;
    }
}
