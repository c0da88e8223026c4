package io.pgseam.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.RunningConnector;
import io.pgseam.TableGate;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import io.pgseam.tool.CommandLineSession.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
            String configuration = configuration("publish.via.partition.root", viaRoot, "snapshot.chunk.size", "256kB",
                    "snapshot.stride.size", "256kB");
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
                    .isEqualTo(Long.parseLong(
                            database.queryOne("SELECT (pg_relation_size('orders') + 262143) / 262144")));
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
        assertThat(run("slots", "drop", configuration, "someone_elses").status()).isEqualTo(2);
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
        try (RunningConnector connector = RunningConnector.createHeld(
                cluster, database, "command_line", "tasks.max", "1")) {
            try (TableGate gate = TableGate.closeOnceTheCopyHasBegun(connector, "keyless")) {
                Eventually.holds("the largest table is copied", RunningConnector.TIMEOUT, () -> run(
                                "status", configuration, kafka, "--json")
                        .json()
                        .path("tables")
                        .path(0)
                        .path("rows_done")
                        .asLong()
                        == 20_000);
                Result copying = run("status", configuration, kafka, "--connect", connect, "--connector", "command_line");
                assertThat(copying.status()).as(copying.toString()).isZero();
                assertThat(copying.out())
                        .contains("copying at anchor 1 (LSN ", "20,000 rows; ")
                        .containsPattern("public\\.orders +\\[####################] +100% +1 of 1 +[\\d.]+ [kM]B +20,000")
                        .containsPattern("public\\.keyless +\\[--------------------] +0% +0 of 1 +0 B +0")
                        .contains("Slot:      pgseam_" + database.name() + ", no session uses it; retains ")
                        .contains("Connector: RUNNING on ", "Task 0:    RUNNING");
                Result early = run("wait", configuration, kafka, "--seam", "--timeout", "1ms");
                assertThat(early.status()).isEqualTo(1);
                assertThat(early.out()).contains("do not have the whole copy: not within");
                gate.open();
            }

            Result seamReached = run("wait", configuration, kafka, "--seam", "--timeout", "90s");
            assertThat(seamReached.status()).as(seamReached.toString()).isZero();
            Result seam = run("seam", configuration, kafka, "--json");
            assertSeam(seam.json(), connector);
            assertThat(run("seam", configuration, kafka).out())
                    .contains("20,000 rows as of LSN " + seam.json().path("lsn").asText());

            database.execute("UPDATE orders SET customer = 'changed' WHERE id <= 100", "DELETE FROM orders WHERE id > 19990");
            Result reached = run("wait", configuration, kafka, "--lsn", "now", "--timeout", "90s", "--json");
            assertThat(reached.status()).as(reached.toString()).isZero();
            Replay replay = connector.replay("public.orders");
            try (Connection source = database.connect()) {
                new SourceTruth(source).assertReplayed("public.orders", replay, connector.topic("public.orders"));
            }
            Result streaming = run("status", configuration, kafka);
            assertThat(streaming.status()).as(streaming.toString()).isZero();
            assertThat(streaming.out()).contains("streaming changes", "Copied:    20,000 rows of 4 tables", "Topics:    have");

            assertThat(run("slots", "drop", configuration, "--yes").err())
                    .as("a slot in use is not dropped")
                    .contains("is in use by");
            cluster.stop("command_line");
            assertThat(run("slots", "drop", configuration, "--yes").status())
                    .isZero();
            Result lost = run("wait", configuration, kafka, "--lsn", "FFFF/0");
            assertThat(lost.status()).isEqualTo(1);
            assertThat(lost.out()).contains("slot pgseam_" + database.name() + " does not exist");
            Result stuck = run("status", configuration, kafka);
            assertThat(stuck.status()).isEqualTo(1);
            assertThat(stuck.out()).contains("Stuck:     slot pgseam_" + database.name() + " does not exist");
        }
    }

    private static void assertSeam(JsonNode shown, RunningConnector connector) {
        JsonNode written = connector.awaitSeam();
        assertThat(shown.path("lsn")).isEqualTo(written.path("lsn"));
        JsonNode shownOrders = shown.path("topics").path(connector.topic("public.orders"));
        JsonNode writtenOrders = written.path("topics").path(connector.topic("public.orders"));
        assertThat(writtenOrders).isNotEmpty();
        writtenOrders.properties().forEach(partition -> assertThat(partition.getValue().properties())
                .isSubsetOf(shownOrders.path(partition.getKey()).properties()));
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
