package io.pgseam.pg.catalog;

import io.pgseam.pg.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/** The state of the server and of its replication slots. One thread at a time. */
public final class ServerCatalog {

    private static final int VERSION_WITH_CONFLICTING = 16;
    private static final int VERSION_WITH_INVALIDATION_REASON = 17;
    private static final int VERSION_WITH_SYNCED = 17;

    /** {@code rds_replication} is Amazon's: REPLICATION cannot be granted there. */
    private static final String SERVER = """
            SELECT current_setting('server_version_num')::int,
                   pg_is_in_recovery(),
                   current_setting('wal_level'),
                   current_setting('max_replication_slots')::int,
                   (SELECT count(*) FROM pg_replication_slots),
                   current_setting('max_wal_senders')::int,
                   (SELECT count(*) FROM pg_stat_get_wal_senders()),
                   r.rolname,
                   r.rolsuper,
                   r.rolsuper OR r.rolreplication
                       OR EXISTS (SELECT FROM pg_roles g
                                   WHERE g.rolname = 'rds_replication' AND pg_has_role(r.oid, g.oid, 'MEMBER')),
                   has_database_privilege(current_database(), 'CREATE')
              FROM pg_roles r
             WHERE r.rolname = current_user
            """;

    private static final String STANDBY =
            "SELECT current_setting('hot_standby_feedback')::bool, current_setting('primary_slot_name')";

    /**
     * Asks for changes of no slot. Before the server says so, it checks whether WAL can be decoded: no function tells which wal_level the
     * primary has.
     */
    private static final String DECODE_NOTHING = "SELECT pg_logical_slot_peek_changes(NULL, NULL, 0)";

    private static final String SLOT = """
            SELECT s.slot_name, s.plugin, s.database, s.temporary, s.active, s.active_pid, a.application_name,
                   s.restart_lsn::text, s.confirmed_flush_lsn::text, s.wal_status, %s, s.safe_wal_size, %s
              FROM pg_replication_slots s
              LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
             WHERE s.slot_name = ?
            """;

    private final Connection connection;

    public ServerCatalog(Connection connection) {
        this.connection = connection;
    }

    /** The server, as it is now. */
    public ServerState server() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SERVER);
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new SQLException("the server does not know the role of this session");
            }
            return new ServerState(
                    rows.getInt(1),
                    rows.getBoolean(2),
                    rows.getString(3),
                    rows.getInt(4),
                    rows.getInt(5),
                    rows.getInt(6),
                    rows.getInt(7),
                    rows.getString(8),
                    rows.getBoolean(9),
                    rows.getBoolean(10),
                    rows.getBoolean(11));
        }
    }

    /** A standby of a version that can decode WAL, whose own {@code wal_level} is {@code logical}. Not to be asked in a transaction. */
    public StandbyState standby() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STANDBY);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return new StandbyState(rows.getBoolean(1), rows.getString(2), primaryIsLogical());
        }
    }

    private boolean primaryIsLogical() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DECODE_NOTHING)) {
            statement.execute();
            return true;
        } catch (SQLException e) {
            return !PSQLState.OBJECT_NOT_IN_STATE.getState().equals(e.getSQLState());
        }
    }

    /** The slot of this name, if there is one, of whatever database. */
    public Optional<SlotState> slot(String name) throws SQLException {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        try (PreparedStatement statement =
                connection.prepareStatement(SLOT.formatted(invalidation(version), synced(version)))) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                int pid = rows.getInt(6);
                boolean idle = rows.wasNull();
                long safe = rows.getLong(12);
                boolean unlimited = rows.wasNull();
                return Optional.of(new SlotState(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getBoolean(4),
                        rows.getBoolean(5),
                        idle ? null : pid,
                        rows.getString(7),
                        lsn(rows.getString(8)),
                        lsn(rows.getString(9)),
                        rows.getString(10),
                        rows.getString(11),
                        rows.getBoolean(13),
                        unlimited ? null : safe));
            }
        }
    }

    /** A promoted standby keeps the mark. */
    private static String synced(int version) {
        return version >= VERSION_WITH_SYNCED ? "s.synced AND pg_is_in_recovery()" : "false";
    }

    private static String invalidation(int version) {
        String lost = "CASE WHEN s.wal_status = 'lost' THEN 'wal_removed' END";
        if (version >= VERSION_WITH_INVALIDATION_REASON) {
            return "coalesce(s.invalidation_reason, " + lost + ")";
        }
        if (version >= VERSION_WITH_CONFLICTING) {
            return "CASE WHEN s.conflicting THEN 'conflicting' ELSE " + lost + " END";
        }
        return lost;
    }

    private static @Nullable Lsn lsn(@Nullable String text) {
        return text == null ? null : Lsn.parse(text);
    }
}
