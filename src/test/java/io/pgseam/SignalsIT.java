package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A signal copies tables again while all others keep streaming, and says from where on a target has them. */
class SignalsIT extends ConnectorScenario {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random = Seed.random(SignalsIT.class);

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void tablesAreCopiedAgainAndNothingElse(Delivery delivery) throws Exception {
        TestDatabase database = database(18);
        createTables(database);
        RunningConnector connector = heldConnector(
                cluster(delivery),
                database,
                RunningConnector.smallChunks(
                        "signal.enabled.channels=source,message,kafka",
                        "signal.kafka.bootstrap.servers=" + cluster(delivery).bootstrapServers(),
                        "signal.consumer.client.id=pgseam-signals",
                        "signal.data.collection=public.signal",
                        "message.prefix.include.list=app.*",
                        "table.check.interval.ms=60000",
                        "max.batch.size=100"));
        connector.hurry();
        RandomWriter writer = closing(RandomWriter.start(database, random.nextLong(), 1));
        connector.awaitSeam();
        connector.awaitCaughtUp();

        say(database, "{\"id\":\"hello\",\"type\":\"log\",\"data\":{\"message\":\"hello at {}\"}}");
        say(database, "no json");
        awaitAnswer(connector, "hello", "done");
        createTopic(connector);
        connector.hold();
        write(database, 1);
        say(database, copy("first", "public.extra", "public.line"));
        write(database, 2);
        awaitCopying(connector, 2);
        write(database, 3);
        connector.awaitStreamed(writer);
        assertThat(connector.control("seam")).hasSize(1);
        assertThat(answer(connector, "first")).isEqualTo("accepted");

        // What is asked for while rows are copied is copied at the next anchor, also if nobody who was there is left.
        database.execute(
                "INSERT INTO signal VALUES ('second', 'execute-snapshot', '{\"data-collections\":[\"public.ex.*\"]}')",
                "INSERT INTO signal VALUES ('late', 'stop-snapshot', '{\"data-collections\":[\"public.line\"]}')",
                "UPDATE signal SET type = 'log' WHERE id = 'second'",
                "DELETE FROM signal WHERE id = 'late'");
        say(database, someRows("some", "id <= 40 AND note IS DISTINCT FROM ''secret''"));
        say(database, someRows("bad", "secret_column > 1"));
        awaitAnswer(connector, "second", "accepted");
        awaitAnswer(connector, "some", "accepted");
        awaitAnswer(connector, "bad", "refused");
        connector.restartTask(0);
        write(connector, prefix(connector), "\"id\":\"by kafka\",");
        connector.restartLeader();
        write(database, 4);
        connector.hurry();
        awaitAnswer(connector, "first", "done");
        awaitAnswer(connector, "second", "done");
        awaitAnswer(connector, "some", "done");
        awaitAnswer(connector, "by kafka", "done");
        write(database, 5);
        writer.awaitMore(20);
        writer.stop();
        connector.awaitReplayed("public.account", "public.document", "public.event", "public.extra");
        assertCopiedAgain(connector, database);
        assertSaid(connector, delivery);
    }

    /** Messages keep streaming while tables are copied, and each is sent once, also around the restarts; signals are not sent. */
    private static void assertSaid(RunningConnector connector, Delivery delivery) throws IOException {
        List<String> said = new ArrayList<>();
        for (String value : connector.values("message")) {
            JsonNode message = JSON.readTree(value);
            assertThat(message.path("prefix").asText()).isEqualTo("app.round");
            said.add(new String(message.path("content").binaryValue(), StandardCharsets.UTF_8));
        }
        assertThat(
                        delivery == Delivery.EXACTLY_ONCE
                                ? said
                                : said.stream().distinct().toList())
                .containsExactly(
                        "in 1",
                        "beside 1",
                        "in 2",
                        "beside 2",
                        "in 3",
                        "beside 3",
                        "in 4",
                        "beside 4",
                        "in 5",
                        "beside 5");
    }

    private static void createTables(TestDatabase database) throws SQLException {
        RandomWriter.createTables(database);
        database.execute(
                "CREATE TABLE extra (id int PRIMARY KEY, note text)",
                "INSERT INTO extra SELECT i, 'extra ' || i FROM generate_series(1, 5000) i",
                "CREATE TABLE line (note text)",
                "ALTER TABLE line REPLICA IDENTITY FULL",
                "INSERT INTO line SELECT 'line ' || i FROM generate_series(1, 500) i",
                "CREATE TABLE signal (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))",
                "INSERT INTO signal VALUES ('before the anchor', 'log', '{\"message\":\"too early\"}')");
    }

    private static void assertCopiedAgain(RunningConnector connector, TestDatabase database)
            throws IOException, SQLException {
        assertThat(connector.generations("account")).containsOnly(1);
        assertThat(connector.generations("extra")).containsOnly(1, 2, 3);
        assertThat(connector.generations("line")).containsOnly(1, 2);
        assertSomeRowsCopied(connector);
        assertThat(outcomes(connector))
                .containsExactlyInAnyOrder(
                        "hello done",
                        prefix(connector) + "-signal-1 done",
                        "by kafka done",
                        "first accepted",
                        "second accepted",
                        "late refused",
                        "first done",
                        "second done",
                        "some accepted",
                        "some done",
                        "bad refused",
                        "refused");
        assertThat(connector.cluster().topics()).doesNotContain(connector.topic("public.signal"));
        JsonNode seam = connector.awaitSeam(3);
        assertThat(seam.path("copied_again").fieldNames())
                .toIterable()
                .containsExactly(connector.topic("public.extra"));
        assertThat(rowsFrom(connector, "public.extra", 3)).isEqualTo(database.queryOne("SELECT count(*) FROM extra"));
        assertThat(rowsFrom(connector, "public.line", 2)).isEqualTo(database.queryOne("SELECT count(*) FROM line"));
    }

    /** Of the rows of the newest copy, only those that were asked for; and nothing says that a target may delete all others. */
    private static void assertSomeRowsCopied(RunningConnector connector) throws IOException {
        assertThat(connector.generations("document")).containsOnly(1, 3);
        long anchor = Lsn.parse(connector.awaitSeam(3).path("lsn").asText()).value();
        Set<Integer> copied = new HashSet<>();
        for (String value : connector.values("public.document")) {
            JsonNode row = JSON.readTree(value);
            if (row.path("__snapshot").asBoolean() && row.path("__lsn").asLong() == anchor) {
                copied.add(row.path("id").asInt());
            }
        }
        assertThat(copied).isNotEmpty().allMatch(id -> id <= 40);
        assertThat(connector.control("signal"))
                .filteredOn(answer -> answer.path("id").asText().equals("some"))
                .allMatch(answer -> answer.path("sweep_below").isNull())
                .noneMatch(answer -> answer.toString().contains("secret"));
        assertThat(connector.control("signal"))
                .filteredOn(answer -> answer.path("id").asText().equals("bad"))
                .allMatch(answer -> answer.path("reason").asText().contains("no such column"))
                .noneMatch(answer -> answer.toString().contains("secret"));
    }

    private static String someRows(String id, String condition) {
        return "{\"id\":\"" + id
                + "\",\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"public.document\"],"
                + "\"additional-conditions\":[{\"data-collection\":\"public.document\",\"filter\":\"" + condition
                + "\"}]}}";
    }

    /**
     * How many rows a target has of a table that deletes whatever is below the seam's LSN, and has not read anything below. Rows without a
     * key are never deleted here.
     */
    private static String rowsFrom(RunningConnector connector, String table, int generation) throws IOException {
        JsonNode seam = connector.control("seam").stream()
                .filter(record -> record.path("generation").asInt() == generation)
                .findFirst()
                .orElseThrow();
        long below = Lsn.parse(
                        seam.path("copied_again").path(connector.topic(table)).asText())
                .value();
        Set<String> rows = new HashSet<>();
        for (String value : connector.values(table)) {
            JsonNode row = JSON.readTree(value);
            String key = row.path("id").asText("") + row.path("note").asText("").replaceAll(" changed", "");
            String name = table.endsWith("extra") ? row.path("id").asText() : key;
            if (row.path("__lsn").asLong() >= below) {
                if (row.path("__op").asInt() == 1) {
                    rows.remove(name);
                } else {
                    rows.add(name);
                }
            }
        }
        return String.valueOf(rows.size());
    }

    private static String prefix(RunningConnector connector) {
        String topic = connector.topic("");
        return topic.substring(0, topic.length() - 1);
    }

    /** The topic of signals did not exist, which has disturbed nothing. Whatever is written into it afterwards is read, once. */
    private static void createTopic(RunningConnector connector) throws Exception {
        connector.cluster().createTopic(prefix(connector) + "-signal", 1);
        write(connector, "another", "");
        write(connector, prefix(connector), "");
        awaitAnswer(connector, prefix(connector) + "-signal-1", "done");
    }

    private static void write(RunningConnector connector, String key, String id) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        connector.cluster().bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            String signal = "{" + id + "\"type\":\"log\",\"data\":{\"message\":\"m\"}}";
            producer.send(new ProducerRecord<>(prefix(connector) + "-signal", key, signal))
                    .get();
        }
    }

    private static String copy(String id, String... tables) {
        return "{\"id\":\"" + id + "\",\"type\":\"execute-snapshot\",\"data\":{\"type\":\"incremental\","
                + "\"data-collections\":[\"" + String.join("\",\"", tables) + "\"]}}";
    }

    private static void say(TestDatabase database, String signal) throws SQLException {
        database.execute("SELECT pg_logical_emit_message(true, 'pgseam.signal', '" + signal + "')");
    }

    private static void write(TestDatabase database, int round) throws SQLException {
        database.execute(
                "UPDATE extra SET note = note || ' changed' WHERE id % 10 = " + round,
                "DELETE FROM extra WHERE id % 50 = " + (10 + round),
                "INSERT INTO extra SELECT i, 'new' FROM generate_series(" + round * 10_000 + ", "
                        + (round * 10_000 + 50) + ") i",
                "BEGIN; INSERT INTO line VALUES ('line of round " + round + "');"
                        + " SELECT pg_logical_emit_message(true, 'app.round', 'in " + round + "'); COMMIT",
                "SELECT pg_logical_emit_message(false, 'app.round', 'beside " + round + "')");
    }

    private static void awaitCopying(RunningConnector connector, int generation) {
        Eventually.holds(
                "copying at anchor " + generation,
                () -> connector.control("share").stream()
                        .anyMatch(share -> share.path("generation").asInt() == generation));
    }

    private static void awaitAnswer(RunningConnector connector, String id, String outcome) {
        Eventually.holds(
                "signal " + id + " is " + outcome,
                () -> answer(connector, id).equals(outcome),
                () -> outcomes(connector) + ", " + connector.status());
    }

    /** The newest answer to a signal. */
    private static String answer(RunningConnector connector, String id) {
        return connector.control("signal").stream()
                .filter(record -> record.path("id").asText().equals(id))
                .map(record -> record.path("outcome").asText())
                .reduce("", (before, next) -> next);
    }

    private static List<String> outcomes(RunningConnector connector) {
        List<String> outcomes = new ArrayList<>();
        for (JsonNode record : connector.control("signal")) {
            boolean named = !record.path("id").equals(record.path("lsn"));
            outcomes.add((named ? record.path("id").asText() + " " : "")
                    + record.path("outcome").asText());
        }
        return outcomes;
    }
}
