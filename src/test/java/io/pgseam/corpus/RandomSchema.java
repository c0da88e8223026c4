package io.pgseam.corpus;

import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random tables in several schemas, and random transactions that write them. The same seed gives the same statements. */
final class RandomSchema {

    private static final int TABLES = 20;
    private static final List<String> SCHEMAS = List.of("public", "\"Odd Schema\"", "\"s'\"\"x\\\"");

    private final Random random;
    private final List<RandomTable> tables = new ArrayList<>();
    private final List<String> statements = new ArrayList<>();

    /** @param version the major version of the server */
    RandomSchema(long seed, int version) {
        random = new Random(seed);
        SCHEMAS.stream().skip(1).forEach(schema -> statements.add("CREATE SCHEMA " + schema));
        RandomTypes types = new RandomTypes(random);
        statements.addAll(types.statements());
        while (tables.size() < TABLES) {
            String schema = SCHEMAS.get(random.nextInt(SCHEMAS.size()));
            RandomTable table = new RandomTable(random, types, schema, tables.size(), version, tables);
            add(table);
            RandomTable child = random.nextInt(8) == 0 ? table.child(random, tables.size()) : null;
            if (child != null) {
                add(child);
            }
        }
    }

    private void add(RandomTable table) {
        tables.add(table);
        statements.addAll(table.statements(random));
    }

    /** Makes the schema with its first rows. */
    void create(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                try {
                    statement.execute(sql);
                } catch (SQLException e) {
                    throw new SQLException(e.getMessage() + " in " + sql, e.getSQLState(), e);
                }
            }
        }
    }

    /** Runs random transactions: of several statements on several tables, with savepoints, and some of them rolled back. */
    void write(TestDatabase database, int transactions) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                for (int statements = 1 + random.nextInt(8); statements > 0; statements--) {
                    write(connection, statement);
                }
                if (random.nextInt(10) > 0) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
            }
        }
    }

    /** Who breaks a constraint, or makes an index entry too large, is rolled back, as in an application. */
    private void write(Connection connection, Statement statement) throws SQLException {
        Savepoint savepoint = connection.setSavepoint();
        String sql = tables.get(random.nextInt(tables.size())).write(random);
        boolean undone = random.nextInt(12) == 0;
        try {
            statement.execute(sql);
            if (undone) {
                connection.rollback(savepoint);
            } else {
                connection.releaseSavepoint(savepoint);
            }
        } catch (SQLException e) {
            if (!e.getSQLState().startsWith("23") && !e.getSQLState().equals("54000")) {
                throw new SQLException(e.getMessage() + " in " + sql, e.getSQLState(), e);
            }
            connection.rollback(savepoint);
        }
    }
}
