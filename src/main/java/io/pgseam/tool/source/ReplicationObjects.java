package io.pgseam.tool.source;

import io.pgseam.config.ReplicationSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.WalPosition;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.ServerCatalog;
import io.pgseam.pg.catalog.SlotState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The replication slots and publications of this project in one database: those of the configuration, those with the default name
 * {@code pgseam_…}, and those that a publication's mark names.
 */
public final class ReplicationObjects {

    private static final String PREFIX = "pgseam_";

    private static final String SLOTS = """
            SELECT s.slot_name,
                   pg_wal_lsn_diff(w.lsn, s.restart_lsn)::int8,
                   pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn)::int8,
                   s.safe_wal_size
              FROM pg_replication_slots s
             CROSS JOIN (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                     ELSE pg_current_wal_lsn() END AS lsn) w
             WHERE s.plugin = 'pgoutput' AND s.database = current_database() AND NOT s.temporary
             ORDER BY s.slot_name
            """;

    /** Not of pg_publication_tables, which waits for a session that locks one of the tables. */
    private static final String PUBLICATIONS = """
            SELECT p.pubname, (SELECT count(*) FROM pg_publication_rel r WHERE r.prpubid = p.oid)
              FROM pg_publication p ORDER BY p.pubname
            """;

    /**
     * A slot and what it keeps.
     *
     * @param state the slot
     * @param retainedBytes WAL that the server keeps for it; empty if it keeps none
     * @param lagBytes WAL that its consumer has not confirmed; empty if nothing is confirmed
     * @param safeBytes WAL that may still be written before the slot is in danger of being lost; empty without a limit
     * @param publication the publication that is marked with it; empty for none
     */
    public record Slot(
            SlotState state,
            OptionalLong retainedBytes,
            OptionalLong lagBytes,
            OptionalLong safeBytes,
            Optional<String> publication) {}

    /**
     * A publication.
     *
     * @param publication what it is
     * @param tables how many tables it holds by themselves: none if it is FOR ALL TABLES
     */
    public record PublishedTables(Publication publication, long tables) {}

    private final ReplicationSettings settings;
    private final Connection session;

    public ReplicationObjects(ReplicationSettings settings, Connection session) {
        this.settings = settings;
        this.session = session;
    }

    /** The publications of this project, in the order of their names. */
    public List<PublishedTables> publications() throws SQLException {
        List<PublishedTables> found = new ArrayList<>();
        Publications publications = new Publications(session);
        try (PreparedStatement statement = session.prepareStatement(PUBLICATIONS);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String name = rows.getString(1);
                long tables = rows.getLong(2);
                publications
                        .find(name)
                        .filter(publication -> publication.markedSlot() != null
                                || name.startsWith(PREFIX)
                                || name.equals(settings.publicationName()))
                        .ifPresent(publication -> found.add(new PublishedTables(publication, tables)));
            }
        }
        return found;
    }

    /** The slots of this project, in the order of their names. */
    public List<Slot> slots() throws SQLException {
        List<PublishedTables> publications = publications();
        Set<String> marked = new HashSet<>();
        publications.stream()
                .map(found -> found.publication().markedSlot())
                .filter(Objects::nonNull)
                .forEach(marked::add);
        List<Slot> slots = new ArrayList<>();
        ServerCatalog server = new ServerCatalog(session);
        try (PreparedStatement statement = session.prepareStatement(SLOTS);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String name = rows.getString(1);
                if (!name.startsWith(PREFIX) && !marked.contains(name) && !name.equals(settings.slotName())) {
                    continue;
                }
                OptionalLong retained = bytes(rows, 2);
                OptionalLong lag = bytes(rows, 3);
                OptionalLong safe = bytes(rows, 4);
                Optional<String> publication = publications.stream()
                        .map(PublishedTables::publication)
                        .filter(candidate -> name.equals(candidate.markedSlot()))
                        .map(Publication::name)
                        .findFirst();
                server.slot(name).ifPresent(state -> slots.add(new Slot(state, retained, lag, safe, publication)));
            }
        }
        return slots;
    }

    private static OptionalLong bytes(ResultSet rows, int column) throws SQLException {
        long bytes = rows.getLong(column);
        return rows.wasNull() ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    /**
     * Drops a slot.
     *
     * @throws SQLException with SQLSTATE 55006 if a session uses the slot
     */
    public void dropSlot(String name) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, name);
            statement.execute();
        }
    }

    /** Drops a publication. */
    public void dropPublication(String name) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("DROP PUBLICATION " + TableId.quoteIdentifier(name));
        }
    }

    /** Where the server writes WAL now. On a standby: what it has replayed. */
    public Lsn currentLsn() throws SQLException {
        return WalPosition.now(session);
    }
}
