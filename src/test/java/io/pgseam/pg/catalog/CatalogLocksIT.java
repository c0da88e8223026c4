package io.pgseam.pg.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.catalog.RelationCatalog.Publishing;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * No look at the catalogue keeps a lock on a table or partition. So ten thousand partitions need no more room in the server's table of locks than ten
 * do, and {@code max_locks_per_transaction} may have its default.
 */
class CatalogLocksIT extends DatabaseScenario {

    private static final int PARTITIONS = 300;

    @OnEachPostgres
    void noLookKeepsALock(int version) throws Exception {
        TestDatabase database = database(version);
        List<String> statements = new ArrayList<>();
        statements.add("CREATE TABLE root (id int, at int, PRIMARY KEY (id, at)) PARTITION BY LIST (at)");
        for (int partition = 0; partition < PARTITIONS; partition++) {
            statements.add("CREATE TABLE part" + partition + " PARTITION OF root FOR VALUES IN (" + partition + ")");
        }
        statements.add("CREATE PUBLICATION by_leaf FOR ALL TABLES");
        statements.add("CREATE PUBLICATION by_root FOR TABLE root WITH (publish_via_partition_root)");
        database.execute(statements.toArray(String[]::new));
        Connection session = closing(database.connect());
        RelationCatalog relations = new RelationCatalog(session);
        Publications publications = new Publications(session);
        PresentCatalog present = new PresentCatalog(session);
        List<Long> all = new ArrayList<>(relations.relations().keySet());
        long root =
                Long.parseLong(database.query("SELECT 'root'::regclass::oid").get(0));

        Map<String, Look> looks = Map.ofEntries(
                Map.entry("relations", relations::relations),
                Map.entry("partitions", () -> relations.partitions(table -> true)),
                Map.entry("filenodes", () -> relations.filenodes(all)),
                Map.entry(
                        "leaf states",
                        () -> relations.leafStates(List.of(root), new Publishing(0, false, false), List.of("id"))),
                Map.entry(
                        "tables by leaf",
                        () -> new Catalog(session).capturedTables("by_leaf", table -> true, (table, column) -> true)),
                Map.entry(
                        "tables by root",
                        () -> new Catalog(session).capturedTables("by_root", table -> true, (table, column) -> true)),
                Map.entry("present tables", () -> present.tables(all)),
                Map.entry("gone tables", () -> present.gone(all)),
                Map.entry("made inside", () -> present.isMadeInside(all.get(7), List.of(root))),
                Map.entry("published", () -> publications.published("by_root")),
                Map.entry(
                        "missing",
                        () -> publications.missing(publications.find("by_root").orElseThrow(), table -> true)),
                Map.entry("versions", () -> PublicationVersions.read(session, "by_root")));
        session.setAutoCommit(false);
        for (Map.Entry<String, Look> look : looks.entrySet()) {
            look.getValue().look();
            assertThat(locked(session)).as(look.getKey()).isZero();
            session.rollback();
        }
        assertThat(new Catalog(session).capturedTables("by_leaf", table -> true, (table, column) -> true))
                .as("the looks see them all")
                .hasSize(PARTITIONS);
    }

    @FunctionalInterface
    private interface Look {
        Object look() throws Exception;
    }

    /** How many tables and partitions the session has locked in its transaction. */
    private static int locked(Connection session) throws Exception {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
                                + " WHERE l.pid = pg_backend_pid() AND (c.relname LIKE 'part%' OR c.relname = 'root')")) {
            row.next();
            return row.getInt(1);
        }
    }
}
