package io.pgseam.quickstart;

import io.pgseam.config.TopicNaming;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.WalPosition;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotDropper;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.SourceTruth;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.postgresql.jdbc.PgConnection;

/** The database that is captured: the quickstart's own, or the user's. */
final class Source {

    private static final String BY_NAME = """
            SELECT n.nspname, c.relname, c.relkind = 'p', c.reltuples::bigint FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?::regclass""";

    /** Partitions are captured as rows of their partitioned table. */
    private static final String WITH_PRIMARY_KEY = """
            SELECT n.nspname, c.relname, c.relkind = 'p', c.reltuples::bigint FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
            AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
            AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) ORDER BY 1, 2""";

    /** Names of what the quickstart leaves on the source while it runs; a run that was killed may have left more. */
    private static final String NAME_PREFIX = "pgseam_quickstart_";

    private static final String TERMINATE_READER = "SELECT pg_catalog.pg_terminate_backend(active_pid)"
            + " FROM pg_catalog.pg_replication_slots WHERE slot_name = ? AND active_pid IS NOT NULL";

    private static final Duration RELEASE_TIMEOUT = Duration.ofSeconds(15);

    private final Sessions sessions;
    private final TopicNaming naming;
    private final String slot = NAME_PREFIX + Long.toHexString(System.currentTimeMillis());

    Source(ConnectionSettings settings, TopicNaming naming) {
        this.sessions = new Sessions(settings);
        this.naming = naming;
    }

    ConnectionSettings settings() {
        return sessions.settings();
    }

    Sessions sessions() {
        return sessions;
    }

    /** Name of the slot and of the publication that the connector makes. */
    String slot() {
        return slot;
    }

    Connection open() throws SQLException {
        PgConnection session = sessions.open("session");
        try (Statement statement = session.createStatement()) {
            statement.execute("SET search_path = public");
        }
        return session;
    }

    /**
     * Looks tables up.
     *
     * @param names as SQL writes them; where empty, all tables that have a primary key
     * @throws IllegalArgumentException where a table has no primary key, or none is found
     */
    List<SourceTable> tables(List<String> names) throws SQLException {
        List<SourceTable> tables = new ArrayList<>();
        try (Connection connection = open()) {
            SourceTruth truth = new SourceTruth(connection);
            if (names.isEmpty()) {
                try (PreparedStatement statement = connection.prepareStatement(WITH_PRIMARY_KEY)) {
                    add(statement, truth, tables);
                }
            }
            for (String name : names) {
                try (PreparedStatement statement = connection.prepareStatement(BY_NAME)) {
                    statement.setString(1, name);
                    add(statement, truth, tables);
                }
            }
        }
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("database " + settings().database()
                    + " has no table with a primary key: name some with -Dpgseam.tables");
        }
        return tables;
    }

    private void add(PreparedStatement statement, SourceTruth truth, List<SourceTable> tables) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                TableId id = new TableId(rows.getString(1), rows.getString(2));
                tables.add(new SourceTable(
                        id,
                        naming.topicFor(id),
                        rows.getBoolean(3),
                        truth.columns(id.quoted(), Set.of()),
                        truth.primaryKey(id.quoted()),
                        Math.max(0, rows.getLong(4))));
            }
        }
    }

    /** Slots that earlier runs have left because they were killed. */
    List<String> leftBehind() throws SQLException {
        List<String> slots = new ArrayList<>();
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT slot_name FROM pg_catalog.pg_replication_slots"
                        + " WHERE NOT active AND NOT temporary AND database = current_database() ORDER BY 1")) {
            while (rows.next()) {
                if (rows.getString(1).startsWith(NAME_PREFIX)) {
                    slots.add(rows.getString(1));
                }
            }
        }
        return slots;
    }

    /** The server's position now. */
    Lsn now() throws SQLException {
        try (Connection connection = open()) {
            return WalPosition.now(connection);
        }
    }

    /** Removes the slot and the publication; the connector must have ended, but its sessions may still be ending. */
    void removeTraces() {
        Eventually.holds("slot " + slot + " is dropped", RELEASE_TIMEOUT, () -> {
            try (Connection connection = open();
                    PreparedStatement terminate = connection.prepareStatement(TERMINATE_READER)) {
                terminate.setString(1, slot);
                terminate.execute();
                SlotDropper.drop(sessions, slot, "the quickstart ends");
                try (Statement statement = connection.createStatement()) {
                    statement.execute("DROP PUBLICATION IF EXISTS " + TableId.quoteIdentifier(slot));
                }
                return true;
            }
        });
        sessions.close();
    }
}
