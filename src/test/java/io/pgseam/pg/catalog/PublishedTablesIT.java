package io.pgseam.pg.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The tables of publications are those that the server publishes, and nobody has to unlock one before they are known. */
class PublishedTablesIT extends DatabaseScenario {

    @OnEachPostgres
    void areThoseOfTheServerWhoeverHasLockedThem(int version) throws Exception {
        TestDatabase database = database(
                version,
                "CREATE SCHEMA s",
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE TABLE s.b (id int PRIMARY KEY)",
                "CREATE UNLOGGED TABLE s.u (id int PRIMARY KEY)",
                "CREATE VIEW v AS SELECT * FROM a",
                "CREATE TABLE root (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE middle PARTITION OF root FOR VALUES FROM (1) TO (100) PARTITION BY RANGE (id)",
                "CREATE TABLE s.leaf PARTITION OF middle FOR VALUES FROM (1) TO (10)",
                "CREATE TABLE later (id int PRIMARY KEY)",
                "ALTER TABLE root ATTACH PARTITION later FOR VALUES FROM (100) TO (200)");
        List<String> publications = new ArrayList<>(List.of(
                "FOR ALL TABLES", "FOR TABLE a, root", "FOR TABLE middle, s.b", "FOR TABLE root, middle, s.leaf"));
        if (version >= 15) {
            publications.addAll(List.of("FOR TABLES IN SCHEMA s", "FOR TABLES IN SCHEMA public, TABLE s.leaf"));
        }
        for (String publication : publications) {
            for (boolean asRoot : new boolean[] {false, true}) {
                String what = publication + " WITH (publish_via_partition_root = " + asRoot + ")";
                database.execute("DROP PUBLICATION IF EXISTS p", "CREATE PUBLICATION p " + what);
                assertSame(database, what);
            }
        }
    }

    private static void assertSame(TestDatabase database, String publication) throws SQLException {
        try (Connection session = database.connect();
                Connection other = database.connect()) {
            List<PublishedTable> expected = new Catalog(session)
                    .capturedTables("p", table -> true, (table, column) -> true).stream()
                            .map(table -> new PublishedTable(
                                    table.oid(),
                                    table.id(),
                                    table.member(),
                                    table.leaves().stream()
                                            .map(leaf ->
                                                    new PublishedTable.Leaf(leaf.oid(), leaf.id(), leaf.madeInside()))
                                            .toList()))
                            .toList();
            assertThat(expected).as(publication).isNotEmpty();
            try (Statement lock = other.createStatement();
                    Statement patience = session.createStatement()) {
                other.setAutoCommit(false);
                lock.execute("LOCK TABLE a, s.b, root, middle, s.leaf, later IN ACCESS EXCLUSIVE MODE");
                patience.execute("SET lock_timeout = 1");
                assertThat(PublishedTables.read(session, "p", table -> true, oid -> true))
                        .as(publication)
                        .containsExactlyElementsOf(expected);
            }
        }
    }
}
