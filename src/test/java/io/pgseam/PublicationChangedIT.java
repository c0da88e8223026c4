package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A publication is known by its OID and its version (invariant I16). Whatever somebody does to it while the connector streams,
 * changes that were not published are missed for ever, and pgoutput does not say so: PostgreSQL 18 publishes nothing while there
 * is no publication, older ones cannot decode what was changed meanwhile.
 */
class PublicationChangedIT {

    private static final String ALL = "CREATE PUBLICATION p FOR TABLE a, b";

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {14, 18})
    void whatWasNotPublishedIsCopiedAgain(int version) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase("publication_changed_" + version)) {
            database.execute(
                    "CREATE TABLE a (id int PRIMARY KEY, v text)",
                    "CREATE TABLE b (id int PRIMARY KEY, v text)",
                    "INSERT INTO a SELECT i, 'a' FROM generate_series(1, 100) i",
                    "INSERT INTO b SELECT i, 'b' FROM generate_series(1, 100) i",
                    ALL);
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    "publication.name=p",
                    "publication.autocreate.mode=disabled",
                    "table.check.interval.ms=500")) {
                connector.awaitSeam(1);

                database.execute(
                        "BEGIN; ALTER PUBLICATION p SET (publish = 'insert'); UPDATE a SET v = 'hidden' WHERE id = 1;"
                                + " ALTER PUBLICATION p SET (publish = 'insert, update, delete, truncate'); COMMIT",
                        "UPDATE b SET v = 'published' WHERE id = 1");
                connector.awaitSeam(2);
                assertMissed(connector, 2, "a", "b");

                // In one transaction, so that no look can see that the table is not a member.
                database.execute("BEGIN; ALTER PUBLICATION p DROP TABLE b; UPDATE b SET v = 'hidden' WHERE id = 2;"
                        + " ALTER PUBLICATION p ADD TABLE b; COMMIT");
                connector.awaitSeam(3);
                assertMissed(connector, 3, "b");

                database.execute(
                        "DROP PUBLICATION p",
                        "INSERT INTO a VALUES (101, 'hidden')",
                        "UPDATE b SET v = 'hidden' WHERE id = 3",
                        ALL,
                        "INSERT INTO b VALUES (102, 'published')");
                connector.awaitSeam(4);
                assertMissed(connector, 4, "a", "b");
                database.execute("UPDATE a SET v = 'published' WHERE id = 102", "DELETE FROM b WHERE id = 4");

                Replay replay = connector.awaitReplayed("public.a", "public.b");
                assertThat(replay.rows(connector.topic("public.a"))).hasSize(101);
                assertThat(copies(connector, "a")).containsExactly(1, 2, 4);
                assertThat(copies(connector, "b")).containsExactly(1, 2, 3, 4);
            }
        }
    }

    @Test
    void onlyTheTableIsCopiedWhoseFilterChangedAndTheConnectorsOwnPublicationIsCreatedAgain() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("publication_own")) {
            database.execute(
                    "CREATE TABLE a (id int PRIMARY KEY, v text)",
                    "CREATE TABLE b (id int PRIMARY KEY, v text)",
                    "INSERT INTO a SELECT i, 'a' FROM generate_series(1, 100) i",
                    "INSERT INTO b SELECT i, 'b' FROM generate_series(1, 100) i");
            try (RunningConnector connector = RunningConnector.create(
                    cluster, database, database.name(), "publication.name=p", "table.check.interval.ms=500")) {
                connector.awaitSeam(1);
                database.execute("ALTER PUBLICATION p SET TABLE a WHERE (id > 0), b");
                connector.awaitSeam(2);
                assertMissed(connector, 2, "a");

                database.execute("DROP PUBLICATION p", "UPDATE a SET v = 'hidden' WHERE id = 1");
                connector.awaitSeam(3);
                assertMissed(connector, 3, "a", "b");
                database.execute("UPDATE b SET v = 'published' WHERE id = 2");

                connector.awaitReplayed("public.a", "public.b").assertNoDuplicates();
                assertThat(copies(connector, "a")).containsExactly(1, 2, 3);
                assertThat(copies(connector, "b")).containsExactly(1, 3);
            }
        }
    }

    /** A partition that is detached, and a table that is moved out of a published schema: nothing of the publication itself changes. */
    @ParameterizedTest(name = "publish_via_partition_root = {0}")
    @ValueSource(booleans = {false, true})
    void whatWasOutsideOfThePublicationForAWhileIsCopiedAgain(boolean asRoot) throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("publication_outside_" + asRoot)) {
            database.execute(
                    "CREATE SCHEMA s",
                    "CREATE TABLE s.moved (id int PRIMARY KEY, v text)",
                    "CREATE TABLE s.stays (id int PRIMARY KEY, v text)",
                    "CREATE TABLE root (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                    "CREATE TABLE root_1 PARTITION OF root FOR VALUES FROM (1) TO (100)",
                    "CREATE TABLE root_2 PARTITION OF root FOR VALUES FROM (100) TO (200)",
                    "INSERT INTO s.moved SELECT i, 'm' FROM generate_series(1, 50) i",
                    "INSERT INTO s.stays SELECT i, 's' FROM generate_series(1, 50) i",
                    "INSERT INTO root SELECT i, 'r' FROM generate_series(50, 150) i",
                    "CREATE PUBLICATION p FOR TABLES IN SCHEMA s, TABLE root WITH (publish_via_partition_root = "
                            + asRoot + ")");
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    "publication.name=p",
                    "publication.autocreate.mode=disabled",
                    "table.check.interval.ms=500")) {
                connector.awaitSeam(1);

                // In one transaction each, so that no look can see it.
                database.execute(
                        "BEGIN; ALTER TABLE s.moved SET SCHEMA public; UPDATE moved SET v = 'hidden' WHERE id = 1;"
                                + " ALTER TABLE moved SET SCHEMA s; COMMIT",
                        "UPDATE root SET v = 'published' WHERE id = 51");
                connector.awaitSeam(2);
                assertMissed(connector, 2, "moved");

                database.execute(
                        "BEGIN; ALTER TABLE root DETACH PARTITION root_1; UPDATE root_1 SET v = 'hidden' WHERE id = 52;"
                                + " ALTER TABLE root ATTACH PARTITION root_1 FOR VALUES FROM (1) TO (100); COMMIT",
                        "UPDATE s.moved SET v = 'published' WHERE id = 2");
                connector.awaitSeam(3);
                assertMissed(connector, 3, asRoot ? "root" : "root_1");
                database.execute("DELETE FROM root WHERE id IN (60, 140)");

                if (asRoot) {
                    connector.awaitReplayed("s.moved", "s.stays", "public.root");
                } else {
                    connector.awaitReplayed("s.moved", "s.stays", "public.root_1", "public.root_2");
                }
                assertThat(copies(connector, "stays")).containsExactly(1);
                assertThat(copies(connector, "moved")).containsExactly(1, 2);
                assertThat(copies(connector, "root_1")).containsExactly(1, 3);
                assertThat(copies(connector, "root_2")).as("another partition").containsExactly(1);
            }
        }
    }

    /** Everything before the end has to be in the topics, or nobody may be told so. */
    @Test
    void theStreamDoesNotEndAsIfNothingWereMissing() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("publication_end")) {
            database.execute("CREATE TABLE a (id int PRIMARY KEY, v text)", "INSERT INTO a VALUES (1, 'a')");
            Lsn end = new Lsn(database.now().value() + (48 << 20));
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    "publication.name=p",
                    "stream.end.lsn=" + end.toString(),
                    "table.check.interval.ms=0")) {
                connector.awaitSeam(1);
                database.execute("BEGIN; ALTER PUBLICATION p SET (publish = 'insert'); UPDATE a SET v = 'hidden';"
                        + " ALTER PUBLICATION p SET (publish = 'insert, update, delete, truncate'); COMMIT");
                Eventually.holds("the server is past the end", RunningConnector.TIMEOUT, () -> {
                    database.query("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 4000000))::text");
                    return !database.now().isBefore(end);
                });
                Eventually.holds(
                        "the task says what is missing",
                        RunningConnector.TIMEOUT,
                        () -> cluster.status(connector.name())
                                .traces()
                                .contains("changes of tables before that LSN may be missing: public.a"),
                        () -> cluster.status(connector.name()).toString());
                assertThat(connector.control("end")).isEmpty();
            }
        }
    }

    /** The control topic says which tables have missed changes, since when, and where they are copied again. */
    private static void assertMissed(RunningConnector connector, int generation, String... tables) {
        Map<String, JsonNode> told = connector.control("republished").stream()
                .filter(record -> record.path("generation").asInt() == generation)
                .collect(Collectors.toMap(record -> record.path("table").asText(), record -> record));
        assertThat(told).containsOnlyKeys(tables);
        assertThat(told.values()).allSatisfy(record -> {
            assertThat(record.path("topic").asText())
                    .isEqualTo(connector.topic(record.path("schema").asText() + "."
                            + record.path("table").asText()));
            assertThat(record.path("since_lsn").asText()).isEqualTo(seamLsn(connector, generation - 1));
        });
    }

    private static String seamLsn(RunningConnector connector, int generation) {
        return connector.control("seam").stream()
                .filter(seam -> seam.path("generation").asInt() == generation)
                .map(seam -> seam.path("lsn").asText())
                .findFirst()
                .orElseThrow();
    }

    /** At which anchors the table was copied. */
    private static List<Integer> copies(RunningConnector connector, String table) {
        return connector.control("chunk").stream()
                .filter(chunk -> chunk.path("table").asText().equals(table))
                .map(chunk -> chunk.path("generation").asInt())
                .sorted()
                .toList();
    }
}
