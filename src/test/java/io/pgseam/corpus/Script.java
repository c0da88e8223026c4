package io.pgseam.corpus;

import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A file of SQL among the test resources; its statements end at the end of a line. */
final class Script {

    private Script() {}

    /** The whole text. */
    static String text(String name) {
        try (InputStream script = Script.class.getResourceAsStream("/corpora/" + name)) {
            return new String(Objects.requireNonNull(script, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the statements one by one in one session, each committed by itself unless it stands in a transaction. */
    static void run(TestDatabase database, String name) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements(text(name))) {
                statement.execute(sql);
            }
        }
    }

    /** A semicolon between two {@code $$} ends nothing. */
    private static List<String> statements(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        for (String line : script.split("\n")) {
            statement.append(line).append('\n');
            boolean inBody = statement.toString().split("\\$\\$", -1).length % 2 == 0;
            if (line.endsWith(";") && !inBody) {
                statements.add(statement.toString());
                statement.setLength(0);
            }
        }
        return statements;
    }
}
