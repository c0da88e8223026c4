package io.pgseam.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.RunningConnector;
import io.pgseam.TableGate;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.EmbeddedMariaDb;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import io.pgseam.tool.CommandLineSession.Result;
import io.pgseam.tool.topic.LastRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real server. */
class CommandLineIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeEach
    void makeTheShop() throws Exception {
        database = PostgresServer.shared(18).createDatabase("shop");
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric(12,2),"
                        + " doubled numeric GENERATED ALWAYS AS (amount * 2) STORED)",
                "INSERT INTO orders SELECT i, 'customer ' || i, i / 100.0 FROM generate_series(1, 20000) i",
                "CREATE TABLE events (day date, id int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
                "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "CREATE TABLE keyless (note text)",
                "ALTER TABLE keyless REPLICA IDENTITY FULL",
                "ANALYZE orders");
    }

    @AfterEach
    void dropTheShop() throws Exception {
        database.close();
    }

    @Test
    void checkNamesEachFaultAtItsSetting() throws IOException {
        Result sound = run("check", configuration("table.include.list", "public.orders"));
        assertThat(sound.out()).as(sound.toString()).endsWith("OK: no fault\n");
        assertThat(sound.status()).isZero();

        Result faulty = run("check", configuration("table.include.list", "public.none"), "--json");
        assertThat(faulty.status()).isEqualTo(1);
        assertThat(faulty.json().path("ok").asBoolean()).isFalse();
        assertThat(faulty.json().path("faults"))
                .singleElement()
                .satisfies(fault -> assertThat(fault.path("setting").asText()).isEqualTo("table.include.list"));
        Result misspelt = run("check", configuration("slot.nam", "x"));
        assertThat(misspelt.status()).isEqualTo(1);
        assertThat(misspelt.out()).contains("fault    slot.nam\n", "slot.name", "1 fault");
    }

    @Test
    void planIsThatOfThePublicationBeforeItExistsAndTouchesNothing() throws Exception {
        for (String viaRoot : new String[] {"false", "true"}) {
            String configuration = configuration(
                    "publish.via.partition.root",
                    viaRoot,
                    "snapshot.chunk.size",
                    "256kB",
                    "snapshot.stride.size",
                    "256kB");
            JsonNode before = run("plan", configuration, "--json").json();
            assertThat(database.query("SELECT pubname FROM pg_publication")).isEmpty();
            assertThat(database.slots()).isEmpty();

            database.execute("CREATE PUBLICATION pgseam_" + database.name()
                    + " FOR TABLE orders, events, keyless WITH (publish_via_partition_root = " + viaRoot + ")");
            JsonNode after = run("plan", configuration, "--json").json();
            database.execute("DROP PUBLICATION pgseam_" + database.name());

            assertThat(before.path("tables")).isEqualTo(after.path("tables"));
            assertThat(before.path("tables")).hasSize(viaRoot.equals("true") ? 3 : 4);
            JsonNode orders = before.path("tables").get(0);
            assertThat(orders.path("table").asText()).isEqualTo("orders");
            assertThat(orders.path("estimated_rows").asLong()).isEqualTo(20_000);
            assertThat(orders.path("chunks").asLong())
                    .isEqualTo(
                            Long.parseLong(database.queryOne("SELECT (pg_relation_size('orders') + 262143) / 262144")));
            assertThat(orders.path("estimated_message_bytes").asLong()).isBetween(1_500_000L, 4_000_000L);
        }
    }

    @Test
    void planShowsTablesForPeople() throws IOException {
        Result plan = run("plan", configuration("tasks.max", "3"));

        assertThat(plan.status()).as(plan.toString()).isZero();
        assertThat(plan.out())
                .containsPattern("public\\.orders +~20,000 +[\\d.]+ [kM]B +~[\\d.]+ MB +1 +id +" + database.name())
                .containsPattern("public\\.keyless .* none ")
                .contains("id, day", "4 tables", "Tasks:        3 while copying", "A ? is a table without statistics");
    }

    @Test
    void planSaysWhichTablesWillNotBeCaptured() throws Exception {
        database.execute("CREATE TABLE nokey (a int)", "CREATE TABLE clash (id int PRIMARY KEY, __op int)");
        Result plan = run("plan", configuration());

        assertThat(plan.status()).as(plan.toString()).isZero();
        assertThat(plan.out())
                .contains(
                        "4 tables",
                        "Set aside:    public.nokey, which is not captured: no usable replica identity (no primary key)")
                .contains(
                        "Set aside:    public.clash, which is not captured: a column has the name of a metadata field (__op)")
                .doesNotContain("shop.public.nokey");
        assertThat(run("plan", configuration(), "--json").json().path("set_aside"))
                .extracting(table -> table.path("table").asText() + " "
                        + table.path("reason").asText())
                .containsExactly("clash reserved_column", "nokey no_replica_identity");
    }

    @Test
    void slotsShowsWhatIsRetainedAndDropAsksFirst() throws Exception {
        String slot = "pgseam_" + database.name();
        String configuration = configuration();
        database.execute(
                "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')",
                "SELECT pg_create_logical_replication_slot('someone_elses', 'pgoutput')",
                "CREATE PUBLICATION " + slot + " FOR TABLE orders",
                "COMMENT ON PUBLICATION " + slot + " IS 'pgseam: slot=" + slot + "'",
                "UPDATE orders SET customer = 'changed'");

        JsonNode listed = run("slots", configuration, "--json").json();
        assertThat(listed.path("slots")).hasSize(1);
        assertThat(listed.path("slots").get(0).path("retained_bytes").asLong()).isPositive();
        assertThat(listed.path("slots").get(0).path("publication").asText()).isEqualTo(slot);
        assertThat(run("slots", configuration).out()).contains(slot, "no session", "retained WAL", "reserved");

        Result denied = CommandLineSession.onTerminal().typing("n\n").run("slots", "drop", configuration);
        assertThat(denied.status()).isEqualTo(1);
        assertThat(denied.out()).contains(slot, "Drop from");
        assertThat(run("slots", "drop", configuration, "someone_elses").status())
                .isEqualTo(2);
        assertThat(database.slots()).containsExactlyInAnyOrder(slot, "someone_elses");

        Result dropped = CommandLineSession.onTerminal().typing("y\n").run("slots", "drop", configuration);
        assertThat(dropped.status()).as(dropped.toString()).isZero();
        assertThat(database.slots()).containsExactly("someone_elses");
        assertThat(database.query("SELECT pubname FROM pg_publication")).isEmpty();
        assertThat(run("slots", "drop", configuration, "--yes").status()).isEqualTo(1);
    }

    /** From the first chunk to the stream's end, as somebody sees it who has nothing but the configuration and the brokers. */
    @Test
    void statusSeamAndWaitFollowAConnector() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        String[] kafka = {"--bootstrap-server", cluster.bootstrapServers()};
        String connect = cluster.workers().get(0).toString();
        String configuration = configuration("tasks.max", "2");
        assertThat(run("seam", configuration, kafka).status()).isEqualTo(1);
        // Of a table without rows nothing is read, so that no gate would hold its copy.
        database.execute("INSERT INTO keyless VALUES ('one')");
        try (RunningConnector connector =
                RunningConnector.createHeld(cluster, database, "command_line", "tasks.max=1")) {
            try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "keyless")) {
                Eventually.holds(
                        "the largest table is copied",
                        RunningConnector.TIMEOUT,
                        () -> run("status", configuration, kafka, "--json")
                                        .json()
                                        .path("tables")
                                        .path(0)
                                        .path("rows_done")
                                        .asLong()
                                == 20_000);
                assertCopying(configuration, kafka, connect);
                gate.open();
            }

            Result seamReached = run("wait", configuration, kafka, "--seam", "--timeout", "90s");
            assertThat(seamReached.status()).as(seamReached.toString()).isZero();
            Result seam = run("seam", configuration, kafka, "--json");
            assertSeam(seam.json(), connector);
            assertThat(run("seam", configuration, kafka).out())
                    .contains("20,001 rows as of LSN " + seam.json().path("lsn").asText());

            database.execute(
                    "UPDATE orders SET customer = 'changed' WHERE id <= 100", "DELETE FROM orders WHERE id > 19990");
            Result reached = run("wait", configuration, kafka, "--lsn", "now", "--timeout", "90s", "--json");
            assertThat(reached.status()).as(reached.toString()).isZero();
            Replay replay = connector.replay("public.orders");
            try (Connection source = database.connect()) {
                new SourceTruth(source).assertReplayed("public.orders", replay, connector.topic("public.orders"));
            }
            assertLastRecordsAreFoundBeforeTheMarkersOfTransactions(cluster, connector.topic("public.orders"));
            new ManifestProofs(prefix -> configuration("topic.prefix", prefix), kafka, directory)
                    .run(database.name(), cluster);
            assertReportIsWritten(configuration, kafka);
            new SourceProofs(configuration, cluster.bootstrapServers(), database).run(connector.topic("public.orders"));
            assertTargetsAreLoadedFrom(
                    seam.json().path("topics").path(connector.topic("public.orders")), cluster, connector);
            Result streaming = run("status", configuration, kafka);
            assertThat(streaming.status()).as(streaming.toString()).isZero();
            assertThat(streaming.out())
                    .contains("streaming changes", "Copied:    20,001 rows of 4 tables", "Topics:    have");

            assertThat(run("slots", "drop", configuration, "--yes").err())
                    .as("a slot in use is not dropped")
                    .contains("is in use by");
            cluster.stop("command_line");
            assertStuckWithoutSlot(configuration, kafka);
        }
    }

    private void assertReportIsWritten(String configuration, String[] kafka) throws IOException {
        Path page = directory.resolve("report.html");
        Result unproved = run("report", configuration, kafka, "--output", page.toString());
        assertThat(unproved.status()).as(unproved.toString()).isEqualTo(1);
        assertThat(unproved.out()).startsWith("Complete, not proved\n").endsWith("Report: " + page + "\n");

        Path proof = directory.resolve("verify.json");
        Files.writeString(proof, run("verify", configuration, kafka, "--json").out());
        Result proved = run("report", configuration, kafka, "--proof", proof.toString(), "--output", "-");
        assertThat(proved.status()).as(proved.toString()).isZero();
        assertThat(proved.out())
                .startsWith("<!DOCTYPE html>")
                .contains("Complete, and proved", "public.events_2025", "task 1", "<dd>18.", "changes from");
        List<String> arguments = new ArrayList<>(List.of("report", configuration, "--json", "--proof", "-"));
        arguments.addAll(List.of(kafka));
        JsonNode json = CommandLineSession.piped()
                .typing(Files.readString(proof))
                .run(arguments.toArray(String[]::new))
                .json();
        assertThat(json.path("outcome").asText()).isEqualTo("proved");
        assertThat(json.path("tables").path(0).path("rows").asLong()).isEqualTo(20_000);
        assertThat(json.path("anchors").path(0).path("postgres_version").asText())
                .startsWith("18.");

        String other = configuration("topic.prefix", "other");
        Result ofAnother = run("report", other, kafka, "--proof", proof.toString(), "--json");
        assertThat(ofAnother.status()).isEqualTo(2);
        assertThat(ofAnother.err()).contains("is about connector " + database.name());
    }

    private static void assertLastRecordsAreFoundBeforeTheMarkersOfTransactions(ConnectCluster cluster, String topic) {
        Map<Integer, Long> last = new HashMap<>();
        TopicReader.readAll(cluster.bootstrapServers(), topic)
                .forEach(record -> last.merge(record.partition(), record.offset(), Math::max));
        assertThat(last).hasSize(3);
        assertThat(new LastRecords(Map.of("bootstrap.servers", cluster.bootstrapServers()))
                        .of(List.of(topic, "no.such.topic")))
                .isEqualTo(Map.of(topic, last));
    }

    /** Statements that begin at the offsets of the seam, as long as Kafka has them. */
    private void assertTargetsAreLoadedFrom(JsonNode seam, ConnectCluster cluster, RunningConnector connector)
            throws Exception {
        String configuration = configuration();
        String topic = connector.topic("public.orders");
        String[] kafka = {"--bootstrap-server", cluster.bootstrapServers(), "--brokers", "kafka:9092"};

        Result job = run("starrocks routine-load", configuration, kafka, "public.orders", "--from", "changes");
        assertThat(job.status()).as(job.toString()).isZero();
        assertThat(job.out())
                .contains(
                        "\"kafka_broker_list\" = \"kafka:9092\"",
                        "\"kafka_topic\" = \"" + topic + "\"",
                        "\"kafka_partitions\" = \"0,1,2\"",
                        "\"kafka_offsets\" = \"" + offsets(seam, "changes_from") + "\"");
        Result all = run("doris routine-load", configuration("flat.metadata.fields", "__op,__lsn,__seq,__ver"), kafka);
        assertThat(all.status()).as("empty tables have no topic: " + all).isEqualTo(1);
        assertThat(all.out()).contains("ORDER BY `__ver`", "`orders_pgseam`").doesNotContain("events_2025");
        assertThat(all.err())
                .contains(
                        "skipped  public.events_2025: topic shop.public.events_2025 does not exist yet",
                        "public.keyless");
        Result fieldsMissing = run("doris routine-load", configuration, kafka);
        assertThat(fieldsMissing.status()).isEqualTo(2);
        assertThat(fieldsMissing.err()).contains("add __ver to flat.metadata.fields");

        Result queue =
                run("clickhouse load", configuration, kafka, "public.orders", "--from", "seam", "--commit-offsets");
        assertThat(queue.out()).contains("kafka_group_name = 'clickhouse-shop-orders'");
        Map<TopicPartition, OffsetAndMetadata> committed = cluster.admin()
                .listConsumerGroupOffsets("clickhouse-shop-orders")
                .partitionsToOffsetAndMetadata()
                .get();
        seam.properties()
                .forEach(partition -> assertThat(committed)
                        .containsEntry(
                                new TopicPartition(topic, Integer.parseInt(partition.getKey())),
                                new OffsetAndMetadata(
                                        partition.getValue().path("first").asLong())));

        cluster.admin()
                .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(1)))
                .all()
                .get();
        Result gone = run("starrocks routine-load", configuration, kafka, "public.orders");
        assertThat(gone.status()).isEqualTo(2);
        assertThat(gone.err()).contains("partition 0 of " + topic + " begins at offset 1", "retention");
    }

    private static String offsets(JsonNode topic, String which) {
        return topic.properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(partition -> partition.getValue().path(which).asText())
                .collect(Collectors.joining(","));
    }

    @Test
    void tablesAreMadeAfterTheCatalogue() throws Exception {
        database.execute(
                "CREATE DOMAIN price AS numeric(10,4)",
                "CREATE TYPE mood AS ENUM ('good', 'bad')",
                "CREATE TABLE \"Odd\" (a price[], b int[][], c mood, d varchar(20), id uuid PRIMARY KEY)",
                "COMMENT ON COLUMN \"Odd\".d IS 'what it''s called'");
        Result ddl = run("starrocks", "ddl", configuration());

        assertThat(ddl.status()).as("one table has no key: " + ddl).isEqualTo(1);
        assertThat(ddl.err()).contains("skipped  public.keyless: has no key");
        assertThat(ddl.out())
                .contains(
                        "CREATE DATABASE IF NOT EXISTS `shop`;",
                        "-- public.Odd",
                        "CREATE TABLE IF NOT EXISTS `shop`.`Odd` (",
                        "  `id` VARCHAR(36) NOT NULL COMMENT \"uuid\",\n  `a` ARRAY<DECIMAL(10,4)> NULL",
                        "  `b` JSON NULL",
                        "  `c` VARCHAR(256) NULL",
                        "  `d` VARCHAR(80) NULL COMMENT \"varchar(20): what it's called\"",
                        "`amount` DECIMAL(12,2) NULL",
                        "PRIMARY KEY (`id`, `day`)")
                .doesNotContain("`doubled`", "`keyless`");
        assertThat(run("clickhouse", "ddl", configuration(), "public.Odd", "--json")
                        .json()
                        .path("statements"))
                .hasSize(2);
        assertThat(run("starrocks", "ddl", configuration(), "public.none").status())
                .isEqualTo(2);
    }

    /** A server that speaks MySQL's protocol and is no StarRocks: it makes the database, and refuses the first table. */
    @Test
    void applyStopsAtTheStatementThatTheTargetRefusesAndSaysHowFarItCame() throws Exception {
        try (EmbeddedMariaDb server = EmbeddedMariaDb.start(Files.createDirectory(directory.resolve("mariadb")))) {
            String target = "starrocks://127.0.0.1:" + server.port();
            Result refused = run("starrocks", "ddl", configuration(), "public.orders", "--apply", "--target", target);

            assertThat(refused.status()).as(refused.toString()).isEqualTo(2);
            assertThat(refused.out())
                    .as("each statement is written as it runs")
                    .contains("CREATE DATABASE IF NOT EXISTS `shop`;", "CREATE TABLE IF NOT EXISTS `shop`.`orders`");
            assertThat(refused.err())
                    .contains("StarRocks at 127.0.0.1:" + server.port() + " refuses a statement: ERROR 1064 (42000)")
                    .contains("The statement:\nCREATE TABLE IF NOT EXISTS `shop`.`orders` (")
                    .contains("1 statement before it took effect. Remove the cause and run the command again");
        }
        Result unnamed = run("starrocks", "ddl", configuration(), "--apply");
        assertThat(unnamed.err()).contains("which database? Give --target starrocks://HOST:PORT");
        Result wrong = run(
                "doris",
                "ddl",
                configuration("flat.metadata.fields", "__op,__lsn,__seq,__ver"),
                "--apply",
                "--target",
                "starrocks://127.0.0.1:1");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("is not Doris");
    }

    private void assertCopying(String configuration, String[] kafka, String connect) {
        Result copying = run("status", configuration, kafka, "--connect", connect, "--connector", "command_line");
        assertThat(copying.status()).as(copying.toString()).isZero();
        assertThat(copying.out())
                .contains("copying at anchor 1 (LSN ", "20,000 rows; ")
                .containsPattern("public\\.orders +\\[####################] +100% +1 of 1 +[\\d.]+ [kM]B +20,000")
                .containsPattern("public\\.keyless +\\[--------------------] +0% +0 of 1 +8\\.0 kB +0")
                .contains(
                        "Slot:      pgseam_" + database.name() + ", no session uses it; retains ",
                        "Connector: RUNNING on ",
                        "Task 0:    RUNNING");
        Result early = run("wait", configuration, kafka, "--seam", "--timeout", "1ms");
        assertThat(early.status()).isEqualTo(1);
        assertThat(early.out()).contains("do not have the whole copy: not within");
    }

    private void assertStuckWithoutSlot(String configuration, String[] kafka) {
        assertThat(run("slots", "drop", configuration, "--yes").status()).isZero();
        Result lost = run("wait", configuration, kafka, "--lsn", "FFFF/0");
        assertThat(lost.status()).isEqualTo(1);
        assertThat(lost.out()).contains("slot pgseam_" + database.name() + " does not exist");
        Result stuck = run("status", configuration, kafka);
        assertThat(stuck.status()).isEqualTo(1);
        assertThat(stuck.out()).contains("Stuck:     slot pgseam_" + database.name() + " does not exist");
    }

    private static void assertSeam(JsonNode shown, RunningConnector connector) {
        JsonNode written = connector.awaitSeam();
        assertThat(shown.path("lsn")).isEqualTo(written.path("lsn"));
        JsonNode shownOrders = shown.path("topics").path(connector.topic("public.orders"));
        JsonNode writtenOrders = written.path("topics").path(connector.topic("public.orders"));
        assertThat(writtenOrders).isNotEmpty();
        writtenOrders.properties().forEach(partition -> {
            for (String offset : new String[] {"first", "last", "changes_from"}) {
                assertThat(shownOrders.path(partition.getKey()).path(offset))
                        .as(offset)
                        .isEqualTo(partition.getValue().path(offset));
            }
        });
    }

    @Test
    void kafkaThatDoesNotAnswerIsNoAnswer() throws IOException {
        Result none = run("seam", configuration());
        assertThat(none.status()).isEqualTo(2);
        assertThat(none.err()).contains("--bootstrap-server");
        Path properties = Files.writeString(
                directory.resolve("client.properties"), "bootstrap.servers=127.0.0.1:1\ndefault.api.timeout.ms=1000\n");
        Result silent = run("seam", configuration(), "--command-config", properties.toString());
        assertThat(silent.status()).isEqualTo(2);
        assertThat(silent.err()).contains("Kafka at 127.0.0.1:1 does not answer");
    }

    private static Result run(String command, String configuration, String[] kafka, String... options) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ", -1)));
        arguments.add(configuration);
        arguments.addAll(List.of(kafka));
        arguments.addAll(List.of(options));
        return run(arguments.toArray(String[]::new));
    }

    private static Result run(String... arguments) {
        return CommandLineSession.piped().run(arguments);
    }

    private String configuration(String... overrides) throws IOException {
        Map<String, String> settings = new HashMap<>(RunningConnector.settings(database));
        for (int i = 0; i < overrides.length; i += 2) {
            settings.put(overrides[i], overrides[i + 1]);
        }
        Path file = Files.createTempFile(directory, "connector", ".json");
        JSON.writeValue(file.toFile(), settings);
        return file.toString();
    }
}
