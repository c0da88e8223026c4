package io.pgseam.pg;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** How far a server's WAL is, on a primary and on a standby; as SQL expressions, each of which gives a {@code pg_lsn}. */
public final class WalPosition {

    /** Up to where the server has written WAL, or a standby has replayed it. */
    public static final String NOW = "CASE WHEN pg_catalog.pg_is_in_recovery()"
            + " THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_insert_lsn() END";

    /** Up to where the server can decode WAL: what is on disk, or what a standby has replayed. */
    public static final String DECODABLE = "CASE WHEN pg_catalog.pg_is_in_recovery()"
            + " THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_flush_lsn() END";

    /**
     * Not before any commit that the statement's snapshot shows. On a primary this is what is written, not what is flushed: with
     * {@code synchronous_commit=off} a commit is visible before it is flushed. On a standby a commit is visible a moment before it counts as
     * replayed, but never before it is received.
     */
    public static final String NOT_BEFORE_SNAPSHOT = "CASE WHEN pg_catalog.pg_is_in_recovery()"
            + " THEN greatest(pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.pg_last_wal_receive_lsn())"
            + " ELSE pg_catalog.pg_current_wal_insert_lsn() END";

    private WalPosition() {}

    /**
     * The end of the last record that the server has written, or that a standby has replayed. A stream reaches it without more WAL.
     *
     * @throws SQLException if the server does not answer
     */
    public static Lsn now(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery("SELECT (" + NOW + ")::text")) {
            row.next();
            return Lsn.parse(row.getString(1)).endOfRecordBefore();
        }
    }
}
