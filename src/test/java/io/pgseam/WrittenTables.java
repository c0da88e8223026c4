package io.pgseam;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.target.Target;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables of {@link RandomWriter} as rows of texts that a source and a target write alike; JSON is compared as JSON. */
enum WrittenTables {
    ACCOUNT("id, owner, balance, to_char(touched AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", List.of()),
    DOCUMENT("region, id, body, note", List.of()),
    EVENT("id, payload, to_json(coalesce(tags, '{}')), seen::int", List.of(1, 2));

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String source;
    private final List<Integer> json;

    WrittenTables(String source, List<Integer> json) {
        this.source = source;
        this.json = json;
    }

    String table() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The rows of the source, each with how often it is there. */
    Map<String, Integer> sourceRows(Connection connection) throws SQLException {
        Map<String, Integer> rows = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + source + " FROM " + table())) {
            while (result.next()) {
                List<@Nullable String> values = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    values.add(result.getString(i));
                }
                rows.merge(text(values), 1, Integer::sum);
            }
        }
        return rows;
    }

    /** The rows of a query on a target, which gives the columns in the order of {@link #sourceRows}. */
    Map<String, Integer> targetRows(Target target, String query) {
        Map<String, Integer> rows = new TreeMap<>();
        target.query(query, row -> {
            List<@Nullable String> values = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                values.add(row.get(i));
            }
            rows.merge(text(values), 1, Integer::sum);
        });
        return rows;
    }

    private String text(List<@Nullable String> values) {
        for (int column : json) {
            String value = values.get(column);
            values.set(column, value == null ? null : json(value));
        }
        return values.toString();
    }

    private static String json(String text) {
        try {
            return JSON.readTree(text).toString();
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}
