package io.pgseam.testing;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.ConnectionSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A database of one test on a server that it may share with others. Closing drops it, with its replication slots and
 * whoever is still connected.
 *
 * @param server where it lives
 * @param name its name, unquoted
 */
public record TestDatabase(PostgresServer server, String name) implements AutoCloseable {

    /** The URL of the database, without user and password. */
    public String jdbcUrl() {
        return server.jdbcUrl(name);
    }

    /** Opens a session of the superuser; autocommit is on. */
    public Connection connect() throws SQLException {
        return connect(server.user(), server.password());
    }

    /** Opens a session; autocommit is on. */
    public Connection connect(String user, String password) throws SQLException {
        return server.connect(name, user, password);
    }

    /** Runs statements as the superuser, each committed by itself. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            PostgresServer.execute(connection, statements);
        }
    }

    /** How the connector reaches this database as the superuser. */
    public ConnectionSettings connectionSettings() {
        return server.connectionSettings(name);
    }

    /** The first column of a query's rows, as PostgreSQL's text; {@code null} is not allowed in it. */
    public List<String> query(String sql) throws SQLException {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    /** The only value of a query with one row and one column. */
    public String queryOne(String sql) throws SQLException {
        List<String> values = query(sql);
        if (values.size() != 1) {
            throw new IllegalStateException("expected one row, got " + values.size() + ": " + sql);
        }
        return values.get(0);
    }

    /** Names of the logical replication slots on this database. */
    public List<String> slots() throws SQLException {
        return query("SELECT slot_name FROM pg_replication_slots WHERE database = current_database() ORDER BY 1");
    }

    /** The end of what is written by now. */
    public Lsn now() throws SQLException {
        return Lsn.parse(queryOne("SELECT pg_current_wal_insert_lsn()::text")).endOfRecordBefore();
    }

    /** Up to where the only durable slot on this database is confirmed. */
    public Lsn confirmed() throws SQLException {
        return Lsn.parse(queryOne("SELECT confirmed_flush_lsn::text FROM pg_replication_slots"
                + " WHERE database = current_database() AND NOT temporary"));
    }

    /**
     * The backends of connectors' sessions on this database, oldest PID first.
     *
     * @param role what the sessions are for, a regular expression: {@code copy}, {@code stream}, {@code snapshot holder};
     *     {@code .*} for all
     */
    public List<String> sessions(String role) throws SQLException {
        return query("SELECT pid::text " + sessionsOf(role) + " ORDER BY pid");
    }

    /**
     * Ends sessions of connectors on this database, all at once.
     *
     * @param role as for {@link #sessions}
     */
    public void endSessions(String role) throws SQLException {
        query("SELECT pg_terminate_backend(pid)::text " + sessionsOf(role));
    }

    private static String sessionsOf(String role) {
        return "FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^pgseam.* " + role
                + "( [0-9]+)?$'";
    }

    /** Ends the sessions that read a slot of this database. */
    public void endSlotReaders() throws SQLException {
        query("SELECT pg_terminate_backend(active_pid)::text FROM pg_replication_slots"
                + " WHERE database = current_database() AND active_pid IS NOT NULL");
    }

    @Override
    public void close() throws SQLException {
        for (String slot : slots()) {
            dropSlot(slot);
        }
        server.execute("DROP DATABASE IF EXISTS " + PostgresServer.quoted(name) + " WITH (FORCE)");
    }

    /** A slot can be dropped only when its walsender is gone, and termination is asynchronous. */
    private void dropSlot(String slot) {
        Eventually.holds("slot " + slot + " of database " + name + " is dropped", () -> {
            try (Connection connection = connect();
                    PreparedStatement terminate = connection.prepareStatement(
                            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                                    + " WHERE slot_name = ? AND active_pid IS NOT NULL");
                    PreparedStatement drop = connection.prepareStatement(
                            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ?")) {
                terminate.setString(1, slot);
                terminate.execute();
                drop.setString(1, slot);
                drop.execute();
                return true;
            }
        });
    }
}
