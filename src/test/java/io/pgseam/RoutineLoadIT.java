package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.EmbeddedMariaDb;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.routineload.RoutineLoadConsumer;
import io.pgseam.tool.CommandLineSession;
import io.pgseam.tool.CommandLineSession.Result;
import io.pgseam.tool.target.Credentials;
import io.pgseam.tool.target.DatabaseKind;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.target.TargetAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The statements for StarRocks and Doris after a copy under writes, by the rules of Routine Load into a MariaDB: neither server runs here.
 */
class RoutineLoadIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FIELDS = "__op,__lsn,__seq,__snapshot,__ver,__deleted";

    private final Random random = Seed.random(RoutineLoadIT.class);

    @TempDir
    Path directory;

    @Test
    @EnabledIfSystemProperty(
            named = "pgseam.matrix",
            matches = "full",
            disabledReason = "takes half a minute: -Pnightly")
    void tablesEqualTheSourceAfterACopyUnderWrites() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (EmbeddedMariaDb server = EmbeddedMariaDb.start(Files.createDirectory(directory.resolve("mariadb")));
                Target mariaDb = Target.open(
                        new TargetAddress(DatabaseKind.STARROCKS, "127.0.0.1", server.port()),
                        new Credentials("root", "", false));
                TestDatabase database = PostgresServer.shared(18).createDatabase("routine_load")) {
            RandomWriter.createTables(database);
            try (RandomWriter writer = RandomWriter.start(database, random.nextLong(), 1);
                    RunningConnector connector = RunningConnector.create(
                            cluster,
                            database,
                            "routine_load",
                            RunningConnector.smallChunks("flat.metadata.fields=" + FIELDS))) {
                writer.awaitMore(25);
                connector.awaitSeam();
                writer.awaitMore(50);
                writer.stop();
                // Accounts 1 and 2 exist, whatever the writer has done.
                database.execute(
                        "DELETE FROM account WHERE id IN (1, 2)", "INSERT INTO account VALUES (1, 'one'), (2, 'two')");
                connector.awaitCaughtUp();
                for (String[] variant : new String[][] {
                    {"starrocks", "hard"}, {"starrocks", "soft"}, {"doris", "hard"}, {"doris", "soft"}
                }) {
                    assertLoaded(mariaDb, cluster, database, variant[0], variant[1]);
                    assertProofs(mariaDb, server.port(), database, variant[0], variant[1]);
                }
            }
        }
    }

    private void assertLoaded(Target mariaDb, ConnectCluster cluster, TestDatabase source, String kind, String deletes)
            throws IOException, SQLException {
        String configuration = configuration(source);
        String[] options = {"--deletes", deletes, "--database", kind + "_" + deletes};
        Map<String, String> tables = statements(run(kind, "ddl", configuration, options), "CREATE TABLE");
        List<String> more = new ArrayList<>(List.of(options));
        more.addAll(List.of("--bootstrap-server", cluster.bootstrapServers()));
        Map<String, String> jobs = statements(
                run(kind, "routine-load", configuration, more.toArray(String[]::new)), "CREATE ROUTINE LOAD");
        try (Connection connection = source.connect()) {
            for (WrittenTables table : WrittenTables.values()) {
                String name = "public." + table.table();
                RoutineLoadConsumer consumer = RoutineLoadConsumer.create(mariaDb, tables.get(name), jobs.get(name));
                consumer.load(cluster.bootstrapServers(), Long.MAX_VALUE / 2);
                Map<String, Integer> expected = table.sourceRows(connection);
                assertThat(consumer.dropped()).isZero();
                assertThat(table.targetRows(mariaDb, query(table, consumer, deletes.equals("soft"))))
                        .as(kind + " " + deletes + " " + name)
                        .isEqualTo(expected);
                if (consumer.isReplaySafe()) {
                    // The first messages once more, as after a job that somebody moved back and stopped.
                    consumer.load(cluster.bootstrapServers(), 200);
                    assertThat(table.targetRows(mariaDb, query(table, consumer, deletes.equals("soft"))))
                            .as(kind + " " + deletes + " " + name + " after old messages were loaded again")
                            .isEqualTo(expected);
                }
            }
        }
    }

    private void assertProofs(Target mariaDb, int port, TestDatabase source, String kind, String deletes)
            throws IOException {
        String database = kind + "_" + deletes;
        TargetProofs proofs = new TargetProofs(List.of(
                configuration(source),
                "--target",
                kind + "://127.0.0.1:" + port,
                "--database",
                database,
                "--no-wait",
                "--rounds",
                "3"));
        proofs.assertEqual();
        String account = database + ".account";
        String added = deletes.equals("soft") ? ", `__ver`, `__deleted`" : "";
        mariaDb.execute("UPDATE " + account + " SET owner = 'by hand' WHERE id = 1");
        mariaDb.execute(
                deletes.equals("soft")
                        ? "UPDATE " + account + " SET `__deleted` = 1 WHERE id = 2"
                        : "DELETE FROM " + account + " WHERE id = 2");
        mariaDb.execute("INSERT INTO " + account + " (id, `__lsn`, `__seq`" + added + ") SELECT -7, `__lsn`, `__seq`"
                + added + " FROM " + account + " WHERE id = 1");
        proofs.assertFindsAccountsThatWereAltered();
    }

    private static String query(WrittenTables table, RoutineLoadConsumer consumer, boolean soft) {
        String columns = switch (table) {
            case ACCOUNT -> "id, owner, balance, touched";
            case DOCUMENT -> "region, id, body, note";
            case EVENT -> "id, payload, COALESCE(tags, '[]'), seen";
        };
        return "SELECT " + columns + " FROM " + consumer.table() + (soft ? " WHERE NOT `__deleted`" : "");
    }

    /** By source table, the statement of a kind. */
    private static Map<String, String> statements(JsonNode result, String beginning) {
        Map<String, String> statements = new HashMap<>();
        for (JsonNode subject : result.path("statements")) {
            for (JsonNode sql : subject.path("sql")) {
                if (sql.asText().startsWith(beginning)) {
                    statements.put(subject.path("subject").asText(), sql.asText());
                }
            }
        }
        return statements;
    }

    private static JsonNode run(String kind, String command, String configuration, String... options) {
        List<String> arguments = new ArrayList<>(List.of(kind, command, configuration, "--json"));
        arguments.addAll(List.of(options));
        Result result = CommandLineSession.piped().run(arguments.toArray(String[]::new));
        assertThat(result.status()).as(result.toString()).isZero();
        return result.json();
    }

    private String configuration(TestDatabase source) throws IOException {
        Map<String, String> settings = new HashMap<>(RunningConnector.settings(source));
        settings.put("flat.metadata.fields", FIELDS);
        Path file = Files.createTempFile(directory, "connector", ".json");
        JSON.writeValue(file.toFile(), settings);
        return file.toString();
    }
}
