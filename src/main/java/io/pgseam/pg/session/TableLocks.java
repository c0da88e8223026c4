package io.pgseam.pg.session;

import io.pgseam.pg.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds the sessions that keep all others from looking at tables. */
public final class TableLocks {

    /** A prepared transaction has no session. A partition counts as its partitioned table. */
    private static final String HOLDERS = """
            SELECT n.nspname, c.relname,
                   CASE WHEN l.pid IS NULL
                        THEN 'prepared transaction ''' || coalesce(p.gid, 'unknown') || ''' (owner ' || coalesce(p.owner::text, 'unknown')
                             || coalesce(', prepared ' || extract(epoch FROM clock_timestamp() - p.prepared)::bigint || ' s ago', '') || ')'
                        ELSE 'pid ' || l.pid || ' (user ' || coalesce(a.usename::text, 'unknown')
                             || ', application "' || coalesce(a.application_name, '') || '", ' || coalesce(a.state, 'state unknown')
                             || coalesce(', for ' || extract(epoch FROM clock_timestamp() - a.xact_start)::bigint || ' s', '') || ')' END
                   || ', which has locked table ' || quote_ident(cn.nspname) || '.' || quote_ident(locked.relname)
              FROM pg_locks l
              JOIN pg_class locked ON locked.oid = l.relation AND locked.relkind IN ('r', 'p') AND locked.oid >= 16384
              JOIN pg_namespace cn ON cn.oid = locked.relnamespace
              JOIN pg_class c ON c.oid = coalesce(pg_partition_root(locked.oid), locked.oid)
              JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_stat_activity a ON a.pid = l.pid
              LEFT JOIN pg_prepared_xacts p ON l.virtualtransaction = '-1/' || p.transaction
             WHERE l.granted AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
             ORDER BY 1, 2, 3
            """;

    private TableLocks() {}

    /**
     * Finds them.
     *
     * @param tables which tables matter; a partition counts as its outermost table
     * @return for each lock whose it is, and on which table, to be put behind "waits for"
     */
    public static List<String> exclusive(Connection session, Predicate<TableId> tables) throws SQLException {
        List<String> holders = new ArrayList<>();
        try (Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(HOLDERS)) {
            while (rows.next()) {
                if (tables.test(new TableId(rows.getString(1), rows.getString(2)))) {
                    holders.add(rows.getString(3));
                }
            }
        }
        return holders;
    }
}
