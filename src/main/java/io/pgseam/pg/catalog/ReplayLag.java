package io.pgseam.pg.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * How far a standby is behind its primary.
 *
 * @param ms how old what it shows is: 0 if it has replayed all that it has received and receives more; else the time since the last
 *     transaction that it has replayed. -1 if that is not known
 * @param bytes WAL that it has received and not replayed
 * @param connected whether it receives WAL of its primary
 */
public record ReplayLag(long ms, long bytes, boolean connected) {

    /** Any role may see that there is a WAL receiver, but not what it does. */
    private static final String QUERY = """
            WITH w AS (SELECT EXISTS (SELECT FROM pg_stat_get_wal_receiver() r WHERE r.pid IS NOT NULL) AS connected,
                              greatest(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::int8 AS bytes)
            SELECT CASE WHEN connected AND bytes = 0 THEN 0
                        ELSE coalesce(greatest(0, (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
                                                   * 1000)::int8), -1) END,
                   coalesce(bytes, 0), connected
              FROM w WHERE pg_is_in_recovery()
            """;

    /**
     * Asks the server.
     *
     * @return empty if it is no standby
     * @throws SQLException if it does not answer
     */
    public static Optional<ReplayLag> read(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            return row.next()
                    ? Optional.of(new ReplayLag(row.getLong(1), row.getLong(2), row.getBoolean(3)))
                    : Optional.empty();
        }
    }
}
