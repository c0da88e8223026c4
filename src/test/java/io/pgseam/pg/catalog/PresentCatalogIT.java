package io.pgseam.pg.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.PresentTable.Attribute;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

class PresentCatalogIT extends DatabaseScenario {

    @OnEachPostgres
    void tellsWhatTheStreamDoesNot(int version) throws Exception {
        TestDatabase database = database(version);
        Connection blocker = closing(database.connect());
        Connection session = closing(database.connect());
        database.execute(
                "CREATE TABLE t (a int, gone int, b int, PRIMARY KEY (b, a))",
                "INSERT INTO t VALUES (1, 1, 1)",
                "ALTER TABLE t DROP COLUMN gone",
                "ALTER TABLE t ADD COLUMN plain text, ADD COLUMN fast text NOT NULL DEFAULT 'it''s, \"so\"',"
                        + " ADD COLUMN list int[] DEFAULT '{1,2}', ADD COLUMN fresh float8 DEFAULT random(),"
                        + " ADD COLUMN made int GENERATED ALWAYS AS (a + 1) STORED");
        long oid = oid(database, "t");
        blocker.setAutoCommit(false);
        try (Statement statement = blocker.createStatement()) {
            statement.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
        }
        PresentTable table = new PresentCatalog(session).table(oid).orElseThrow();
        assertThat(table.id()).isEqualTo(new TableId("public", "t"));
        assertThat(table.replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
        assertThat(table.key()).containsExactly("b", "a");
        assertThat(table.attributes()).extracting(Attribute::number).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(table.attributes().get(1).dropped()).isTrue();
        assertThat(table.attribute("gone")).isEmpty();
        assertThat(attribute(table, "a").notNull()).isTrue();
        assertThat(attribute(table, "plain").defaultExpression()).isNull();
        // The column before it has a volatile default, so that the table was written anew.
        assertThat(attribute(table, "fast").missing()).isNull();
        assertThat(attribute(table, "fresh").defaultExpression()).contains("random()");
        assertThat(attribute(table, "made").defaultExpression()).isNull();
        assertThat(new PresentCatalog(session).table(1)).isEmpty();
    }

    @OnEachPostgres
    void looksAtManyTablesAtOnceWithoutALock(int version) throws Exception {
        TestDatabase database = database(version);
        Connection blocker = closing(database.connect());
        Connection session = closing(database.connect());
        database.execute(
                "CREATE TABLE one (a int, b text, PRIMARY KEY (b, a))",
                "CREATE TABLE two (c int) PARTITION BY LIST (c)",
                "CREATE TABLE part PARTITION OF two DEFAULT");
        blocker.setAutoCommit(false);
        try (Statement statement = blocker.createStatement()) {
            statement.execute("LOCK TABLE one, two IN ACCESS EXCLUSIVE MODE");
        }
        List<Long> oids = List.of(oid(database, "one"), oid(database, "part"), 1L);
        PresentCatalog catalog = new PresentCatalog(session);
        PresentTables look = catalog.tables(oids);
        assertThat(look.byOid()).containsOnlyKeys(oids.get(0), oids.get(1));
        for (PresentTable table : look.byOid().values()) {
            assertThat(table).isEqualTo(catalog.table(table.oid()).orElseThrow());
        }
        assertThat(look.byOid().get(oids.get(0)).key()).containsExactly("b", "a");
        assertThat(look.byOid().get(oids.get(1)).ancestors()).containsExactly(new TableId("public", "two"));
        long running;
        try (Statement statement = blocker.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text::bigint")) {
            row.next();
            running = row.getLong(1);
        }
        assertThat(look.shows(running)).isFalse();
        assertThat(catalog.tables(oids).shows(running)).isFalse();
        blocker.commit();
        assertThat(catalog.tables(oids).shows(running)).isTrue();
    }

    @OnEachPostgres
    void tellsWhatRowsHaveThatWereThereBeforeAColumn(int version) throws Exception {
        TestDatabase database = database(version);
        Connection session = closing(database.connect());
        database.execute(
                "CREATE TABLE root (a int PRIMARY KEY) PARTITION BY LIST (a)",
                "CREATE TABLE part PARTITION OF root DEFAULT",
                "INSERT INTO root VALUES (1)",
                "ALTER TABLE root ADD COLUMN fast text DEFAULT 'it''s, \"so\"', ADD COLUMN list int[] DEFAULT '{1,2}'",
                "ALTER TABLE root ALTER COLUMN list DROP DEFAULT");
        PresentTable table =
                new PresentCatalog(session).table(oid(database, "part")).orElseThrow();
        assertThat(table.ancestors()).isEqualTo(List.of(new TableId("public", "root")));
        assertThat(attribute(table, "fast").missing()).isEqualTo("it's, \"so\"");
        assertThat(attribute(table, "fast").defaultExpression()).isEqualTo("'it''s, \"so\"'::text");
        assertThat(attribute(table, "list").missing()).isEqualTo("{1,2}");
        assertThat(attribute(table, "list").defaultExpression()).isNull();
    }

    private static long oid(TestDatabase database, String table) throws SQLException {
        return Long.parseLong(database.queryOne("SELECT '" + table + "'::regclass::oid::text"));
    }

    private static Attribute attribute(PresentTable table, String name) {
        return table.attribute(name).orElseThrow();
    }
}
