package io.pgseam;

import static io.pgseam.SetAsideIT.awaitReasons;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a person does with captured tables, and nobody notices who needs the others. */
class MovedTablesIT extends ConnectorScenario {

    /**
     * A partition that the plan does not have is published by itself, and no message can be made of it. A captured table moves to a schema that the
     * role may not use, so that the connector cannot take it out of its publication either.
     */
    @Test
    void nobodyNoticesWhatBecomesOfAPartitionAndOfATable() throws Exception {
        TestDatabase database = database(18);
        String role = SetAsideIT.role(database);
        closing(() -> database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role));
        createTables(database, role);
        RunningConnector connector = connector(
                database,
                "table.include.list=public\\.(p|moves|go od)",
                "publish.via.partition.root=false",
                "database.user=" + role,
                "database.password=secret",
                "table.check.interval.ms=300");
        connector.awaitSeam();
        LogFile log = LogFile.fromNow();
        database.execute(
                "BEGIN; CREATE TABLE \"p?1\" PARTITION OF p FOR VALUES FROM (10) TO (20);"
                        + " ALTER TABLE \"p?1\" OWNER TO " + role + "; INSERT INTO p VALUES (11, 'not sent'); COMMIT",
                "CREATE SCHEMA elsewhere; ALTER TABLE moves SET SCHEMA elsewhere");
        log.awaitLine("PublicationKeeper", "cannot be taken out of publication", "42501");
        Eventually.holds(
                "the control topic says what is not sent",
                () -> connector.control("missed").stream()
                        .anyMatch(record -> record.path("table").asText().equals("p?1")));
        awaitReasons(connector, Map.of("p?1", "topic"));
        database.execute(
                "UPDATE elsewhere.moves SET v = 'not captured'",
                "UPDATE p SET v = 'streamed' WHERE id = 1",
                "UPDATE \"go od\" SET v = 'streamed'");
        connector.awaitReplayed("public.p_1");
        connector.awaitCaughtUp();
        assertThat(connector.values("public.go_od")).anyMatch(value -> value.contains("streamed"));

        database.execute("ALTER TABLE \"p?1\" RENAME TO p_2");
        awaitReasons(connector, Map.of());
        Eventually.holds("the partition is copied", () -> cluster.topics().contains(connector.topic("public.p_2")));
        connector.awaitReplayed("public.p_2");
        assertThat(connector.values("public.p_2")).anyMatch(value -> value.contains("not sent"));
        assertThat(connector.status().anyFailed()).isFalse();
    }

    private static void createTables(TestDatabase database, String role) throws Exception {
        database.execute(
                "CREATE TABLE moves (id int PRIMARY KEY, v text)",
                "CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
                "INSERT INTO moves VALUES (1, 'copied')",
                "INSERT INTO p VALUES (1, 'copied')");
        for (String table : List.of("moves", "p", "p_1")) {
            database.execute("ALTER TABLE " + table + " OWNER TO " + role);
        }
    }
}
