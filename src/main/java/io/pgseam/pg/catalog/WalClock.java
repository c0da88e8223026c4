package io.pgseam.pg.catalog;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.WalPosition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Where the server's WAL ends, at a time.
 *
 * @param lsn up to where it is on disk, or replayed by a standby, so that it may be decoded
 * @param clockMs the server's clock, in ms since 1970
 * @param standby whether the server is a standby
 */
public record WalClock(Lsn lsn, long clockMs, boolean standby) {

    /**
     * Asks the server.
     *
     * @throws SQLException if it does not answer
     */
    public static WalClock read(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery("SELECT (" + WalPosition.DECODABLE + ")::text,"
                        + " (extract(epoch FROM clock_timestamp()) * 1000)::bigint, pg_is_in_recovery()")) {
            row.next();
            return new WalClock(Lsn.parse(row.getString(1)), row.getLong(2), row.getBoolean(3));
        }
    }
}
