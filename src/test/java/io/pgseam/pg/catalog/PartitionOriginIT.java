package io.pgseam.pg.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A partition that had rows before it was one must never be taken for one that was made as such: they would be lost. */
final class PartitionOriginIT extends DatabaseScenario {

    @OnEachPostgres
    void tellsPartitionsThatWereAttachedFromThoseThatWereMade(int version) throws Exception {
        TestDatabase database = database(version);
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        Connection session = closing(sessions.open("test"));
        database.execute(
                "CREATE TABLE m (id int, place text, n int DEFAULT 7, PRIMARY KEY (id, place)) PARTITION BY LIST (place)");
        makeInside(database);
        attach(database);
        attachInOneTransaction(database);
        assertThat(madeInside(session))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("made", true),
                        Map.entry("made_with_rows", true),
                        Map.entry("made_deep", true),
                        Map.entry("made_later_altered", true),
                        Map.entry("attached", false),
                        Map.entry("attached_empty", false),
                        Map.entry("below_attached", false),
                        Map.entry("made_below_attached", true),
                        Map.entry("moved", false),
                        Map.entry("at_once", false),
                        Map.entry("at_once_as", false),
                        Map.entry("at_once_like", false),
                        Map.entry("at_once_below", false),
                        Map.entry("at_once_released", false)));
    }

    private static Map<String, Boolean> madeInside(Connection session) throws SQLException {
        Map<String, Boolean> found = new TreeMap<>();
        for (Partition partition : new RelationCatalog(session).partitions(table -> table.equals(root()))) {
            found.put(partition.id().name(), partition.madeInside());
        }
        return found;
    }

    private static TableId root() {
        return new TableId("public", "m");
    }

    private static void makeInside(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE made PARTITION OF m (n DEFAULT 8) FOR VALUES IN ('a')",
                "BEGIN; CREATE TABLE made_with_rows PARTITION OF m FOR VALUES IN ('b');"
                        + " INSERT INTO m VALUES (1, 'b'); COMMIT",
                "CREATE TABLE deep PARTITION OF m FOR VALUES IN ('c', 'd') PARTITION BY LIST (place)",
                "CREATE TABLE made_deep PARTITION OF deep FOR VALUES IN ('c')",
                "CREATE TABLE made_later_altered PARTITION OF m FOR VALUES IN ('e')",
                "ALTER TABLE m ADD COLUMN added int, ALTER COLUMN n TYPE bigint",
                "ALTER TABLE made_later_altered ALTER COLUMN place SET STATISTICS 50");
    }

    private static void attach(TestDatabase database) throws SQLException {
        String columns = "(id int NOT NULL, place text NOT NULL, n bigint, added int)";
        database.execute(
                "CREATE TABLE attached " + columns,
                "INSERT INTO attached VALUES (1, 'f')",
                "ALTER TABLE m ATTACH PARTITION attached FOR VALUES IN ('f')",
                "CREATE TABLE attached_empty (LIKE m INCLUDING ALL)",
                "ALTER TABLE m ATTACH PARTITION attached_empty FOR VALUES IN ('g')",
                "CREATE TABLE tree " + columns + " PARTITION BY LIST (place)",
                "CREATE TABLE below_attached PARTITION OF tree FOR VALUES IN ('h')",
                "INSERT INTO tree VALUES (1, 'h')",
                "ALTER TABLE m ATTACH PARTITION tree FOR VALUES IN ('h', 'i')",
                "CREATE TABLE made_below_attached PARTITION OF tree FOR VALUES IN ('i')",
                "CREATE TABLE moved PARTITION OF m FOR VALUES IN ('j')",
                "ALTER TABLE m DETACH PARTITION moved",
                "INSERT INTO moved VALUES (1, 'j')",
                "ALTER TABLE m ATTACH PARTITION moved FOR VALUES IN ('j')");
    }

    /** As those do who load a partition before anybody can see it. */
    private static void attachInOneTransaction(TestDatabase database) throws SQLException {
        String columns = "(id int NOT NULL, place text NOT NULL, n bigint, added int)";
        for (String transaction : List.of(
                "CREATE TABLE at_once " + columns + "; INSERT INTO at_once VALUES (1, 'k');"
                        + " ALTER TABLE m ATTACH PARTITION at_once FOR VALUES IN ('k')",
                "CREATE TABLE at_once_as AS SELECT 1 AS id, 'l'::text AS place, 1::bigint AS n, 1 AS added;"
                        + " ALTER TABLE at_once_as ALTER id SET NOT NULL, ALTER place SET NOT NULL;"
                        + " ALTER TABLE m ATTACH PARTITION at_once_as FOR VALUES IN ('l')",
                "CREATE TABLE at_once_like (LIKE m INCLUDING ALL); INSERT INTO at_once_like VALUES (1, 'm');"
                        + " ALTER TABLE m ATTACH PARTITION at_once_like FOR VALUES IN ('m')",
                "CREATE TABLE tree_at_once " + columns + " PARTITION BY LIST (place);"
                        + " CREATE TABLE at_once_below PARTITION OF tree_at_once FOR VALUES IN ('n');"
                        + " INSERT INTO tree_at_once VALUES (1, 'n');"
                        + " ALTER TABLE m ATTACH PARTITION tree_at_once FOR VALUES IN ('n')",
                "CREATE TABLE something (id int); SAVEPOINT s; CREATE TABLE at_once_released " + columns + ";"
                        + " INSERT INTO at_once_released VALUES (1, 'o'); RELEASE s;"
                        + " ALTER TABLE m ATTACH PARTITION at_once_released FOR VALUES IN ('o')")) {
            database.execute("BEGIN; " + transaction + "; COMMIT");
        }
    }
}
