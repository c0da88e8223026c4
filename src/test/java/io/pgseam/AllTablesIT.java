package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A publication FOR ALL TABLES that somebody else made has every new table before the connector knows it. */
class AllTablesIT {

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    /** Cases 17 and 39. With one task everything depends on everything. */
    @Test
    void newTablesAreSetAsideOrTheirRowsComeOnce() throws Exception {
        try (TestDatabase database = PostgresServer.shared(17).createDatabase()) {
            String role = "role_" + database.name();
            database.execute(
                    "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'secret'",
                    "CREATE TABLE good (id int PRIMARY KEY, v text)",
                    "INSERT INTO good VALUES (1, 'copied')",
                    "GRANT SELECT ON good TO " + role,
                    "CREATE PUBLICATION everything FOR ALL TABLES");
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    "tasks.max=1",
                    "database.user=" + role,
                    "database.password=secret",
                    "publication.name=everything",
                    "publication.autocreate.mode=disabled",
                    "table.check.interval.ms=500",
                    "topic.creation.default.partitions=1")) {
                connector.awaitSeam();
                database.execute(
                        "CREATE TABLE hidden (id int PRIMARY KEY, v text)",
                        "INSERT INTO hidden VALUES (1, 'nobody may read this')",
                        "BEGIN; CREATE TABLE log (v text); GRANT SELECT ON log TO " + role
                                + "; INSERT INTO log VALUES ('with the table'); COMMIT");
                AtomicBoolean done = new AtomicBoolean();
                CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(() -> write(database, done));
                connector.awaitSeam(2);
                done.set(true);
                writer.join();
                connector.awaitReplayed("public.good");
                assertEachRowOnce(connector.values("public.log"), writer.get() + 1);
                awaitSetAside(connector, "hidden", "no_privilege");
                assertThat(cluster.status(connector.name()).anyFailed()).isFalse();

                database.execute("GRANT SELECT ON hidden TO " + role);
                connector.awaitSeam(3);
                connector.awaitReplayed("public.good", "public.hidden");
                aKeyThatBecomesUnusableSetsItsTableAside(connector);
            } finally {
                database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
            }
        }
    }

    /** A generated column is not published, so changes would tell a part of the key. */
    private static void aKeyThatBecomesUnusableSetsItsTableAside(RunningConnector connector) throws Exception {
        TestDatabase database = connector.database();
        database.execute("BEGIN; ALTER TABLE good ADD COLUMN kind text GENERATED ALWAYS AS (v || '') STORED;"
                + " ALTER TABLE good DROP CONSTRAINT good_pkey, ADD PRIMARY KEY (id, kind); COMMIT");
        awaitSetAside(connector, "good", "incomplete_key");
        connector.awaitSeam(4);
        int records = connector.records("public.good").size();
        database.execute(
                "INSERT INTO good VALUES (1, 'another row with this id')",
                "UPDATE hidden SET v = 'goes on' WHERE id = 1");
        connector.awaitReplayed("public.hidden");
        assertThat(connector.records("public.good")).hasSize(records);

        database.execute(
                "DELETE FROM good WHERE v = 'another row with this id'",
                "ALTER TABLE good DROP CONSTRAINT good_pkey, ADD PRIMARY KEY (id)");
        connector.awaitSeam(5);
        connector.awaitReplayed("public.good", "public.hidden");
    }

    private static void assertEachRowOnce(List<String> values, int rows) {
        assertThat(values.stream().map(AllTablesIT::withoutMetadata))
                .hasSize(rows)
                .doesNotHaveDuplicates();
        assertThat(values).as("copied first").first().asString().contains("with the table", "\"__snapshot\":true");
    }

    private static int write(TestDatabase database, AtomicBoolean done) {
        int rows = 0;
        try {
            while (!done.get()) {
                rows++;
                database.execute(
                        "INSERT INTO log VALUES ('row " + rows + "')",
                        "UPDATE good SET v = '" + rows + "' WHERE id = 1");
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return rows;
    }

    private static String withoutMetadata(String row) {
        return row.replaceAll(",\"__.*", "");
    }

    private static void awaitSetAside(RunningConnector connector, String table, String reason) {
        Eventually.holds(
                "the control topic says that " + table + " is set aside",
                RunningConnector.TIMEOUT,
                () -> connector.control("set_aside").stream()
                        .anyMatch(record -> text(record, "table").equals(table)
                                && text(record, "reason").equals(reason)));
    }

    private static String text(JsonNode record, String field) {
        return record.path(field).asText();
    }
}
