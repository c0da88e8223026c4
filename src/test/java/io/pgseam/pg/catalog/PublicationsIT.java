package io.pgseam.pg.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class PublicationsIT extends DatabaseScenario {

    private static final String MEMBERS =
            "SELECT prrelid::regclass::text FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid"
                    + " WHERE pubname = 'The Publication' ORDER BY 1";
    private static final String NAME = "The Publication";

    @OnEachPostgres
    void createsAPublicationOfJustTheMatchedTablesAndMarksIt(int version) throws Exception {
        TestDatabase database = tables(version);
        Publications publications = publications(database);

        PublicationChange change =
                publications.ensure(NAME, PublicationMode.FILTERED, named("a", "root", "leaf"), true, "s1");

        assertThat(change.created()).isTrue();
        assertThat(change.added()).containsExactly(table("a"), table("root"));
        assertThat(database.query(MEMBERS)).containsExactly("a", "root");
        Publication publication = publications.find(NAME).orElseThrow();
        assertThat(publication.markedSlot()).isEqualTo("s1");
        assertThat(publication.viaPartitionRoot()).isTrue();
        assertThat(publication.allTables()).isFalse();
        assertThat(publication.insert() && publication.update() && publication.delete() && publication.truncate())
                .isTrue();
        assertThat(publications
                        .ensure(NAME, PublicationMode.FILTERED, named("a", "root"), true, "s1")
                        .any())
                .isFalse();
    }

    /** SQLSTATE 53200: other sessions hold nearly all locks that the server has room for. */
    @Test
    void addsTablesInSmallerBatchesIfTheServerHasNoRoomForTheirLocks() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format('CREATE TABLE many_%s (id int PRIMARY KEY)', i);"
                        + " END LOOP; END $$");
        database.execute("CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY LIST (id)");
        database.execute("DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format('CREATE TABLE part_%s PARTITION OF parted FOR"
                + " VALUES IN (%s)', i, i); END LOOP; END $$");
        Publications publications = publications(database);
        try (Connection other = database.connect()) {
            assertThatThrownBy(
                            () -> query(other, "SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 1000000) i"))
                    .satisfies(e -> assertThat(SqlErrors.isLockTableFull((SQLException) e))
                            .isTrue());
            query(other, "SELECT count(pg_advisory_unlock(i)) FROM generate_series(1, 40) i");

            PublicationChange change = publications.ensure(NAME, PublicationMode.FILTERED, any -> true, true, "s");

            assertThat(change.added()).hasSize(61);
            assertThat(database.queryOne("SELECT count(*)::text FROM pg_publication_rel"))
                    .isEqualTo("61");
            try (Connection session = database.connect()) {
                assertThat(new Catalog(session).capturedTables(NAME, any -> true, (any, column) -> true))
                        .hasSize(61);
            }
            assertThat(publications
                            .trim(NAME, PublicationMode.FILTERED, named("parted"), "s")
                            .removed())
                    .hasSize(60);
        }
    }

    private static void query(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
        }
    }

    @OnEachPostgres
    void keepsItsOwnPublicationEqualToTheLists(int version) throws Exception {
        TestDatabase database = tables(version);
        Publications publications = publications(database);
        publications.ensure(NAME, PublicationMode.FILTERED, named("a", "b"), false, "s1");

        PublicationChange change = publications.ensure(NAME, PublicationMode.FILTERED, named("b", "root"), true, "s1");

        assertThat(change).isEqualTo(new PublicationChange(false, List.of(table("root")), List.of()));
        assertThat(database.query(MEMBERS)).as("what may still be counted on").containsExactly("a", "b", "root");
        assertThat(publications.find(NAME).orElseThrow().viaPartitionRoot()).isTrue();

        assertThat(publications
                        .trim(NAME, PublicationMode.FILTERED, named("b", "root"), "somebody else's")
                        .any())
                .isFalse();
        assertThat(publications.trim(NAME, PublicationMode.FILTERED, named("b", "root"), "s1"))
                .isEqualTo(new PublicationChange(false, List.of(), List.of(table("a"))));
        assertThat(database.query(MEMBERS)).containsExactly("b", "root");
    }

    @OnEachPostgres
    void onlyAddsToWhatSomebodyElseMade(int version) throws Exception {
        TestDatabase database = tables(version);
        database.execute("CREATE PUBLICATION \"The Publication\" FOR TABLE a, root");
        Publications publications = publications(database);

        PublicationChange change = publications.ensure(NAME, PublicationMode.FILTERED, named("b", "leaf"), true, "s1");

        assertThat(change).isEqualTo(new PublicationChange(false, List.of(table("b")), List.of()));
        assertThat(database.query(MEMBERS)).containsExactly("a", "b", "root");
        assertThat(publications.find(NAME).orElseThrow().markedSlot()).isNull();
        assertThat(publications.find(NAME).orElseThrow().viaPartitionRoot()).isFalse();
    }

    @OnEachPostgres
    void createsOneOfAllTablesOnlyWhereThereIsNone(int version) throws Exception {
        TestDatabase database = tables(version);
        Publications publications = publications(database);

        assertThat(publications
                        .ensure(NAME, PublicationMode.DISABLED, named("a"), false, "s1")
                        .any())
                .isFalse();
        assertThat(publications.find(NAME)).isEmpty();
        assertThat(publications
                        .ensure(NAME, PublicationMode.ALL_TABLES, named("a"), false, "s1")
                        .created())
                .isTrue();
        assertThat(publications.find(NAME).orElseThrow().allTables()).isTrue();
        assertThat(publications
                        .ensure(NAME, PublicationMode.ALL_TABLES, named("a"), false, "s1")
                        .any())
                .isFalse();
        assertThat(publications
                        .ensure(NAME, PublicationMode.FILTERED, named("a"), false, "s1")
                        .any())
                .isFalse();
        assertThat(publications.missing(publications.find(NAME).orElseThrow(), named("a")))
                .isEmpty();
    }

    @OnEachPostgres
    void tellsWhichTablesAPublicationLacks(int version) throws Exception {
        TestDatabase database = tables(version);
        database.execute("CREATE PUBLICATION \"The Publication\" FOR TABLE root");
        if (version >= 15) {
            database.execute(
                    "CREATE SCHEMA s",
                    "CREATE TABLE s.t (id int)",
                    "ALTER PUBLICATION \"The Publication\" ADD TABLES IN SCHEMA s");
        }
        Publications publications = publications(database);

        assertThat(publications.missing(publications.find(NAME).orElseThrow(), any -> true))
                .extracting(Relation::id)
                .containsExactly(table("a"), table("b"), table("child"));
    }

    @OnEachPostgres
    void tellsWhatWasPublishedWhenASnapshotWasTaken(int version) throws Exception {
        TestDatabase database = tables(version);
        database.execute(
                "CREATE TABLE late (LIKE root)",
                "CREATE PUBLICATION \"The Publication\" FOR TABLE root",
                "CREATE PUBLICATION every FOR ALL TABLES");
        Connection session = session(database, "catalog");
        session.setAutoCommit(false);
        session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        Publications before = new Publications(session);
        assertThat(before.published("every"))
                .contains(oid(database, "late"), oid(database, "a"), oid(database, "leaf"));
        database.execute(
                "ALTER TABLE root ATTACH PARTITION late FOR VALUES FROM (70) TO (80)",
                "ALTER PUBLICATION \"The Publication\" ADD TABLE a",
                "CREATE TABLE new (id int)");
        long created = oid(database, "new");
        if (version >= 15) {
            database.execute("ALTER PUBLICATION \"The Publication\" ADD TABLES IN SCHEMA public");
        }

        assertThat(before.published(NAME)).containsExactlyInAnyOrder(oid(database, "root"), oid(database, "leaf"));
        assertThat(before.published("every")).doesNotContain(created);
        Publications now = publications(database);
        assertThat(now.published(NAME)).contains(oid(database, "late"), oid(database, "a"));
        assertThat(now.published(NAME).contains(created)).isEqualTo(version >= 15);
        assertThat(now.published("every")).contains(created);
    }

    private static long oid(TestDatabase database, String table) throws SQLException {
        return Long.parseLong(database.queryOne("SELECT '" + table + "'::regclass::oid::text"));
    }

    @OnEachPostgres
    void anInheritanceChildIsNotPublishedWithItsParent(int version) throws Exception {
        TestDatabase database = tables(version);
        publications(database).ensure(NAME, PublicationMode.FILTERED, named("b"), false, "s1");
        assertThat(database.query(MEMBERS)).containsExactly("b");
    }

    @OnEachPostgres
    void leavesNothingBehindWhereItFails(int version) throws Exception {
        TestDatabase database = tables(version);
        Connection session = session(database, "catalog");
        Publications publications = new Publications(session);

        assertThatThrownBy(() -> publications.ensure("x\0y", PublicationMode.ALL_TABLES, named("a"), false, "s1"))
                .isInstanceOf(SQLException.class);
        assertThat(session.getAutoCommit()).isTrue();
        assertThat(database.query("SELECT pubname FROM pg_publication")).isEmpty();
    }

    private static Predicate<TableId> named(String... names) {
        Set<String> selected = Set.of(names);
        return table -> selected.contains(table.name());
    }

    private static TableId table(String name) {
        return new TableId("public", name);
    }

    private TestDatabase tables(int version) throws Exception {
        return database(
                version,
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE TABLE b (id int PRIMARY KEY)",
                "CREATE TABLE child (more int) INHERITS (b)",
                "CREATE TABLE root (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE leaf PARTITION OF root FOR VALUES FROM (0) TO (10)");
    }

    private Publications publications(TestDatabase database) throws SQLException {
        return new Publications(session(database, "catalog"));
    }
}
