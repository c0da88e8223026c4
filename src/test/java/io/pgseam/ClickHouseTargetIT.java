package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.EmbeddedClickHouse;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Seed;
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
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From a copy under writes to the tables of a real ClickHouse, as a user gets there: by {@code pgseam clickhouse ddl --apply}, {@code load
 * --apply} and {@code wait --target}. ClickHouse's own Kafka engine reads the topics.
 */
class ClickHouseTargetIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random = Seed.random(ClickHouseTargetIT.class);

    @TempDir
    Path directory;

    /** @param packBytes {@code flat.pack.bytes}: a message a row, or many */
    @ParameterizedTest
    @ValueSource(strings = {"0", "16kB"})
    @EnabledIfSystemProperty(named = "pgseam.matrix", matches = "full", disabledReason = "takes a minute: -Pnightly")
    void tablesEqualTheSourceAfterACopyUnderWritesWhoseSnapshotIsLost(String packBytes) throws Exception {
        try (EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory.resolve("data"));
                TestDatabase database =
                        PostgresServer.shared(18).createDatabase("clickhouse_" + packBytes.toLowerCase(Locale.ROOT))) {
            RandomWriter.createTables(database);
            database.execute("CREATE TABLE gate (id int PRIMARY KEY)", "INSERT INTO gate VALUES (1), (2)");
            ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
            try (RandomWriter writer = RandomWriter.start(database, random.nextLong(), 1);
                    RunningConnector connector = RunningConnector.createHeld(
                            cluster,
                            database,
                            database.name(),
                            RunningConnector.smallChunks("max.batch.size=500", "flat.pack.bytes=" + packBytes))) {
                try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "gate")) {
                    Eventually.holds(
                            "some chunks are copied",
                            RunningConnector.TIMEOUT,
                            () -> connector.control("chunk").size() > 20);
                    database.endSessions(".*");
                    writer.awaitMore(25);
                    gate.open();
                }
                connector.awaitSeam(2);
                writer.awaitMore(25);
                // Consumer groups are named after the database, and the runs of this test share a Kafka.
                String hard = "hard_" + packBytes.toLowerCase(Locale.ROOT);
                String soft = "soft_" + packBytes.toLowerCase(Locale.ROOT);
                load(clickHouse, cluster, database, hard, "ddl", "--deletes", "hard");
                load(clickHouse, cluster, database, soft, "ddl", "--deletes", "soft");
                writer.awaitMore(25);
                writer.stop();
                assertLoaded(clickHouse, cluster, database, hard);
                assertLoaded(clickHouse, cluster, database, soft);
                assertProofs(clickHouse, cluster, database, hard);
                assertProofs(clickHouse, cluster, database, soft);
                assertMigrated(clickHouse, cluster, database, connector, hard);
            }
        }
    }

    private void load(
            EmbeddedClickHouse clickHouse,
            ConnectCluster cluster,
            TestDatabase source,
            String database,
            String... ddlOptions)
            throws IOException {
        String configuration = configuration(source);
        List<String> there = List.of("--apply", "--target", clickHouse.address(), "--database", database);
        List<String> ddl = new ArrayList<>(List.of("clickhouse"));
        ddl.addAll(List.of(ddlOptions));
        ddl.addAll(2, List.of(configuration));
        ddl.addAll(there);
        Result made = run(ddl);
        assertThat(made.status()).as(made.toString()).isZero();
        assertThat(made.err()).contains("Ran 9 statements in ClickHouse at 127.0.0.1:" + clickHouse.port());
        List<String> load = new ArrayList<>(List.of(
                "clickhouse",
                "load",
                configuration,
                "--bootstrap-server",
                cluster.bootstrapServers(),
                // ClickHouse has 16 threads for the consumers of all tables.
                "--concurrency",
                "1"));
        load.addAll(there);
        Result loading = run(load);
        assertThat(loading.status()).as(loading.toString()).isZero();
        // Again, as somebody does who is not sure: the offsets of a queue that reads stay.
        Result again = run(load);
        assertThat(again.status()).as(again.toString()).isZero();
        assertThat(again.err())
                .contains("public.account: the queue exists. The offsets of group clickhouse-" + database);
        assertThat(run(ddl).status()).isZero();
    }

    private void assertLoaded(
            EmbeddedClickHouse clickHouse, ConnectCluster cluster, TestDatabase source, String database)
            throws IOException, SQLException {
        assertReached(clickHouse, cluster, source, database);
        try (Target target = open(clickHouse);
                Connection connection = source.connect()) {
            for (WrittenTables table : WrittenTables.values()) {
                assertThat(table.targetRows(target, query(table, database)))
                        .as(database + "." + table.table())
                        .isEqualTo(table.sourceRows(connection));
            }
        }
    }

    private TargetProofs proofs(
            EmbeddedClickHouse clickHouse, ConnectCluster cluster, TestDatabase source, String database)
            throws IOException {
        return new TargetProofs(List.of(
                configuration(source),
                "--bootstrap-server",
                cluster.bootstrapServers(),
                "--target",
                clickHouse.address(),
                "--database",
                database,
                "--timeout",
                "90s"));
    }

    private void assertProofs(
            EmbeddedClickHouse clickHouse, ConnectCluster cluster, TestDatabase source, String database)
            throws IOException, SQLException {
        // Account 1 and 2 exist, whatever the writer has done.
        source.execute("DELETE FROM account WHERE id IN (1, 2)", "INSERT INTO account VALUES (1, 'one'), (2, 'two')");
        TargetProofs proofs = proofs(clickHouse, cluster, source, database);
        proofs.assertEqual();
        try (Target target = open(clickHouse)) {
            String account = database + ".account";
            String row = " FROM (SELECT * FROM " + account + " FINAL WHERE id = ";
            for (String change : List.of(
                    "'by hand' AS owner, __ver + 1 AS __ver)" + row + "1)",
                    "1 AS __deleted, __ver + 1 AS __ver)" + row + "2)",
                    "-7 AS id)" + row + "1)")) {
                target.execute("INSERT INTO " + account + " SELECT * REPLACE(" + change);
            }
            proofs.assertFindsAccountsThatWereAltered();
            // The rows' next versions are right again.
            target.execute(
                    "INSERT INTO " + account + " SELECT * REPLACE(1 AS __deleted, __ver + 2 AS __ver)" + row + "-7)");
            source.execute("UPDATE account SET owner = 'right' WHERE id IN (1, 2)");
            proofs.assertEqual();
        }
    }

    private void assertReached(
            EmbeddedClickHouse clickHouse, ConnectCluster cluster, TestDatabase source, String database)
            throws IOException {
        Result reached = run(List.of(
                "wait",
                configuration(source),
                "--bootstrap-server",
                cluster.bootstrapServers(),
                "--lsn",
                "now",
                "--target",
                clickHouse.address(),
                "--database",
                database,
                "--timeout",
                "90s"));
        assertThat(reached.status()).as(reached.toString()).isZero();
        assertThat(reached.out())
                .contains(", and ClickHouse at 127.0.0.1:", "have everything that was committed before");
    }

    /** The new values are loaded before the column is there, as it happens if nobody runs migrate in time. */
    private void assertMigrated(
            EmbeddedClickHouse clickHouse,
            ConnectCluster cluster,
            TestDatabase source,
            RunningConnector connector,
            String hard)
            throws IOException, SQLException {
        source.execute(
                "ALTER TABLE gate ADD COLUMN colour text",
                "ALTER TABLE gate ADD COLUMN old_name int",
                "UPDATE gate SET colour = 'grün', old_name = 7 WHERE id = 1");
        assertReached(clickHouse, cluster, source, hard);
        awaitSchemaOffsets(connector, 1);
        List<String> migrate = List.of(
                "clickhouse",
                "migrate",
                configuration(source),
                "--bootstrap-server",
                cluster.bootstrapServers(),
                "--target",
                clickHouse.address(),
                "--database",
                hard);
        Result written = run(migrate);
        assertThat(written.status()).as(written.toString()).isZero();
        assertThat(written.out())
                .contains("ALTER TABLE `" + hard + "`.`gate` ADD COLUMN `colour` Nullable(String)")
                .contains("DROP TABLE IF EXISTS `" + hard + "`.`gate_queue` SYNC")
                .doesNotContain("account");
        List<String> apply = new ArrayList<>(migrate);
        apply.addAll(List.of("--apply", "--concurrency", "1"));
        Result applied = run(apply);
        assertThat(applied.status()).as(applied.toString()).isZero();
        assertReached(clickHouse, cluster, source, hard);
        try (Target target = open(clickHouse)) {
            assertThat(target.rows("SELECT id, colour, old_name FROM " + hard + ".gate_live ORDER BY id"))
                    .extracting(row -> row.get(0) + " " + row.get(1) + " " + row.get(2))
                    .as("values that were loaded before the column was there")
                    .containsExactly("1 grün 7", "2 null null");
        }
        source.execute(
                "ALTER TABLE gate RENAME COLUMN old_name TO new_name", "UPDATE gate SET new_name = 8 WHERE id = 2");
        assertReached(clickHouse, cluster, source, hard);
        awaitSchemaOffsets(connector, 2);
        Result renamed = run(apply);
        assertThat(renamed.status()).as(renamed.toString()).isZero();
        assertReached(clickHouse, cluster, source, hard);
        source.execute("ALTER TABLE gate DROP COLUMN colour");
        apply.add("--drop-columns");
        Result dropped = run(apply);
        assertThat(dropped.status()).as(dropped.toString()).isZero();
        try (Target target = open(clickHouse)) {
            assertThat(target.rows("SELECT * FROM " + hard + ".gate_live ORDER BY id"))
                    .extracting(row -> row.columns() + " " + row.get(0) + " " + row.get(1))
                    .containsExactly("[id, new_name] 1 7", "[id, new_name] 2 8");
        }
        Result nothing = run(apply);
        assertThat(nothing.status()).as(nothing.toString()).isZero();
        assertThat(nothing.err()).contains("Ran 0 statements");
    }

    private static void awaitSchemaOffsets(RunningConnector connector, int count) {
        Eventually.holds(
                "the control topic says where the new columns begin",
                RunningConnector.TIMEOUT,
                () -> connector.control("schema_offsets").stream()
                                .filter(record -> record.path("table").asText().equals("gate"))
                                .count()
                        >= count);
    }

    private static Target open(EmbeddedClickHouse clickHouse) {
        return Target.open(TargetAddress.parse(clickHouse.address(), null), new Credentials("default", "", false));
    }

    private static String query(WrittenTables table, String database) {
        String columns = switch (table) {
            case ACCOUNT -> "id, owner, balance, touched";
            case DOCUMENT -> "region, id, body, note";
            case EVENT -> "id, payload, toJSONString(tags), toUInt8(seen)";
        };
        return "SELECT " + columns + " FROM " + database + "." + table.table()
                + "_live SETTINGS output_format_decimal_trailing_zeros = 1";
    }

    private static Result run(List<String> arguments) {
        return CommandLineSession.piped().run(arguments.toArray(String[]::new));
    }

    private String configuration(TestDatabase source) throws IOException {
        Path file = Files.createTempFile(directory, "connector", ".json");
        JSON.writeValue(file.toFile(), RunningConnector.settings(source));
        return file.toString();
    }
}
