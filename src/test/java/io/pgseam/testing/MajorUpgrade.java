package io.pgseam.testing;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.PostgresServer.Stop;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * What {@code pg_upgrade} makes of a database, as far as a connector can see it: another cluster of a newer version, on timeline 1, whose
 * WAL begins after that of the old one. Tables and types keep their OIDs and tables their files' numbers, by the same functions that
 * pg_upgrade calls in a server that it starts in the same mode. The publication is created again, so its rows are other ones; and so
 * is the slot, whose position is that of its creation.
 *
 * <p>The builds of PostgreSQL that the tests run have neither {@code pg_upgrade} nor {@code pg_dump}. So this class does by statements what
 * they do, for tables with one primary key and columns of types that every database has.
 */
public final class MajorUpgrade {

    private static final String OIDS = """
            SELECT format('SELECT pg_catalog.binary_upgrade_set_next_%s(%L::oid)', f.name, f.oid)
              FROM pg_class c
              JOIN pg_type t ON t.oid = c.reltype
              LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
              LEFT JOIN pg_index ti ON ti.indrelid = toast.oid
              LEFT JOIN pg_class tic ON tic.oid = ti.indexrelid
              CROSS JOIN LATERAL (VALUES
                  ('pg_type_oid', t.oid), ('array_pg_type_oid', t.typarray),
                  ('heap_pg_class_oid', c.oid), ('heap_relfilenode', c.relfilenode),
                  ('toast_pg_class_oid', toast.oid), ('toast_relfilenode', toast.relfilenode),
                  ('index_pg_class_oid', tic.oid), ('index_relfilenode', tic.relfilenode)) f (name, oid)
             WHERE c.oid = ':name'::regclass AND f.oid IS NOT NULL
            """;

    private static final String KEY_OIDS = """
            SELECT format('SELECT pg_catalog.binary_upgrade_set_next_%s(%L::oid)', f.name, f.oid)
              FROM pg_index i
              JOIN pg_class c ON c.oid = i.indexrelid
              CROSS JOIN LATERAL (VALUES ('index_pg_class_oid', c.oid), ('index_relfilenode', c.relfilenode)) f (name, oid)
             WHERE i.indrelid = ':name'::regclass AND i.indisprimary
            """;

    private static final String TABLE = """
            SELECT format('CREATE TABLE %s (%s)', c.oid::regclass, string_agg(format('%I %s %s', a.attname,
                       format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END), ', ' ORDER BY a.attnum))
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE c.oid = ':name'::regclass GROUP BY c.oid
            """;

    private static final String KEY = """
            SELECT format('ALTER TABLE %s ADD %s', conrelid::regclass, pg_get_constraintdef(oid))
              FROM pg_constraint WHERE conrelid = ':name'::regclass AND contype = 'p'
            """;

    private MajorUpgrade() {}

    /**
     * Upgrades a database; that of the old server stays as it is.
     *
     * @param from the database; nobody writes to it any more, and no session reads its slots
     * @param to a server of a newer version, which has no database of this name yet
     * @param tables the tables of the schema {@code public}
     * @param publication the publication, which has these tables
     */
    public static TestDatabase run(TestDatabase from, PostgresServer to, List<String> tables, String publication)
            throws SQLException, IOException {
        TestDatabase upgraded = to.createDatabase(from.name());
        to.stop(Stop.FAST);
        to.startForUpgrade();
        try (Connection old = from.connect();
                Connection session = upgraded.connect()) {
            for (String table : tables) {
                apply(from.query(of(OIDS, table)), session);
                apply(from.query(of(TABLE, table)), session);
                apply(from.query(of(KEY_OIDS, table)), session);
                apply(from.query(of(KEY, table)), session);
                copy(old, session, table);
            }
            apply(List.of("CREATE PUBLICATION " + publication + " FOR TABLE " + String.join(", ", tables)), session);
        }
        Lsn end = from.now();
        // pg_resetwal has the WAL of the new cluster begin with the file after the last one of the old.
        while (!upgraded.now().isAfter(end)) {
            upgraded.query("SELECT pg_logical_emit_message(false, 'filler', 'in this file')::text");
            upgraded.query("SELECT pg_switch_wal()::text");
        }
        for (String slot : from.slots()) {
            upgraded.query(
                    "SELECT slot_name FROM pg_create_logical_replication_slot('" + slot + "', 'pgoutput', false)");
        }
        to.restart(Stop.FAST);
        return upgraded;
    }

    private static String of(String query, String table) {
        return query.replace(":name", table);
    }

    private static void apply(List<String> statements, Connection session) throws SQLException {
        PostgresServer.execute(session, statements.toArray(String[]::new));
    }

    private static void copy(Connection from, Connection to, String table) throws SQLException, IOException {
        CopyManager source = from.unwrap(PGConnection.class).getCopyAPI();
        StringWriter rows = new StringWriter();
        source.copyOut("COPY " + table + " TO STDOUT", rows);
        to.unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + table + " FROM STDIN", new StringReader(rows.toString()));
    }
}
