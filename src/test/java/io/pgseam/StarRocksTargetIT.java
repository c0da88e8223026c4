package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ContainerStarRocks;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.tool.CommandLineSession;
import io.pgseam.tool.CommandLineSession.Result;
import io.pgseam.tool.target.Credentials;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.target.TargetAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From a copy under writes to the tables of a real StarRocks, as a user gets there: by {@code pgseam starrocks ddl --apply}, {@code
 * routine-load --apply} and {@code wait --target}. Runs with {@code -Pstarrocks}, where Docker can fetch StarRocks' image.
 */
@EnabledIfSystemProperty(
        named = "pgseam.starrocks",
        matches = "true",
        disabledReason = "needs StarRocks' image: -Pstarrocks")
class StarRocksTargetIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    /** @param packBytes {@code flat.pack.bytes}: a message a row, or many */
    @ParameterizedTest
    @ValueSource(strings = {"0", "16kB"})
    void tablesHaveTheRowsOfTheSourceAfterACopyUnderWrites(String packBytes) throws Exception {
        try (ContainerStarRocks starRocks = ContainerStarRocks.start();
                TestDatabase database = PostgresServer.shared(18).createDatabase("starrocks")) {
            RandomWriter.createTables(database);
            ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
            try (RandomWriter writer = RandomWriter.start(database, 7, 1);
                    RunningConnector connector = RunningConnector.create(
                            cluster,
                            database,
                            database.name(),
                            RunningConnector.smallChunks("flat.pack.bytes=" + packBytes))) {
                connector.awaitSeam(1);
                String[] there = {"--target", starRocks.address(), "--database", "shop"};
                command(database, "starrocks ddl", there, "--replicas", "1", "--apply");
                command(
                        database,
                        "starrocks routine-load",
                        there,
                        "--bootstrap-server",
                        cluster.bootstrapServers(),
                        "--apply");
                writer.awaitMore(25);
                writer.stop();
                command(
                        database,
                        "wait",
                        there,
                        "--bootstrap-server",
                        cluster.bootstrapServers(),
                        "--lsn",
                        "now",
                        "--timeout",
                        "5m");
                assertSameRows(starRocks, database);
            }
        }
    }

    private void command(TestDatabase database, String words, String[] there, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(words.split(" ")));
        Path file = Files.createTempFile(directory, "connector", ".json");
        JSON.writeValue(file.toFile(), RunningConnector.settings(database));
        arguments.add(file.toString());
        arguments.addAll(List.of(there));
        arguments.addAll(List.of(options));
        Result result = CommandLineSession.piped().run(arguments.toArray(String[]::new));
        assertThat(result.status()).as(arguments + ": " + result).isZero();
    }

    private static void assertSameRows(ContainerStarRocks starRocks, TestDatabase database) throws Exception {
        try (Target target = Target.open(
                        TargetAddress.parse(starRocks.address(), null), new Credentials("root", "", false));
                Connection source = database.connect();
                Statement statement = source.createStatement()) {
            for (WrittenTables table : WrittenTables.values()) {
                String query = "SELECT id FROM %s" + table.table() + " ORDER BY id";
                List<String> expected = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery(query.formatted(""))) {
                    while (rows.next()) {
                        expected.add(rows.getString(1));
                    }
                }
                assertThat(target.rows(query.formatted("shop.")))
                        .as(table.table())
                        .extracting(row -> String.valueOf(row.get(0)))
                        .isEqualTo(expected);
            }
        }
    }
}
