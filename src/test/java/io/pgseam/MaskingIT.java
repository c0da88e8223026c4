package io.pgseam;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Values of masked columns contain a word that must not be anywhere but in the source. */
class MaskingIT {

    private static final String SECRET = "CANARY";
    private static final String SALT = "PEPPER";
    private static final String HASHED = "column.mask.hash.v2.SHA-256.with.salt." + SALT;
    private static final String HASHED_COLUMNS = "public\\..*\\.(email|body|extra)";

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Test
    void nothingTellsAMaskedValue() throws Exception {
        LogFile log = LogFile.fromNow();
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("masking")) {
            database.execute(
                    "CREATE TABLE people (id int PRIMARY KEY, email text, body text, pin varchar(9), note text)",
                    "ALTER TABLE people ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO people SELECT i, 'CANARY' || i, repeat('CANARY', 1000), '0CANARY', 'n' FROM generate_series(1, 3) i",
                    "CREATE TABLE whole (id int, email text, note text)",
                    "ALTER TABLE whole REPLICA IDENTITY FULL",
                    "INSERT INTO whole VALUES (1, 'CANARY', 'n')",
                    "CREATE TABLE one (id int PRIMARY KEY, secret text)",
                    "INSERT INTO one VALUES (1, 'CANARY')",
                    "CREATE TABLE other (id int PRIMARY KEY, secret text)",
                    "INSERT INTO other VALUES (1, 'another CANARY')");
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    HASHED + "=" + HASHED_COLUMNS,
                    "column.mask.with.4.chars=public\\..*\\.secret",
                    "column.truncate.to.1.chars=public.people.pin",
                    "column.mask.unmatched=warn",
                    "message.oversize=skip",
                    "message.max.bytes=16kB",
                    "table.check.interval.ms=300")) {
                connector.awaitSeam();
                changeRows(database);
                connector.awaitCaughtUp();
                assertMasked(connector);
                // Their masked rows are equal, so nothing may tell them apart.
                assertThat(connector.chunks("one").get(0).path("hash"))
                        .isEqualTo(connector.chunks("other").get(0).path("hash"));
                aTableThatCannotBeMaskedIsSetAside(connector, database);
                aRenamedColumnStaysMasked(connector, database);
                assertNothingTells(database, log);
            }
        }
    }

    /** Changes of every sort: with large values that are looked up, with the old row, of keys, of the table. */
    private static void changeRows(TestDatabase database) throws Exception {
        database.execute(
                "INSERT INTO people VALUES (4, 'CANARY', 'CANARY', '0CANARY', 'n'), (5, NULL, NULL, NULL, repeat('n', 20000))",
                "UPDATE people SET note = 'm' WHERE id = 1",
                "UPDATE people SET id = 20, email = 'CANARY!' WHERE id = 2",
                "DELETE FROM people WHERE id = 3",
                "INSERT INTO whole VALUES (2, 'CANARY', repeat('n', 20000))",
                "UPDATE whole SET email = 'CANARY!' WHERE id = 1",
                "DELETE FROM whole",
                "ALTER TABLE people ADD COLUMN extra text DEFAULT 'CANARY'",
                "UPDATE people SET note = 'o' WHERE id = 4");
    }

    private static void assertMasked(RunningConnector connector) throws Exception {
        List<String> people = connector.values("public.people");
        assertThat(people)
                .anySatisfy(value -> assertThat(value)
                        .contains(
                                "\"id\":1,\"email\":\"" + hash("CANARY1"),
                                "\"body\":\"" + hash("CANARY".repeat(1000)),
                                "\"pin\":\"0\"",
                                "\"note\":\"m\""));
        assertThat(people)
                .anySatisfy(value ->
                        assertThat(value).contains("\"id\":4", "\"note\":\"o\"", "\"extra\":\"" + hash("CANARY")));
        assertThat(connector.values("public.one")).singleElement().asString().contains("\"secret\":\"****\"");
        assertThat(connector.control("oversize")).isNotEmpty();
        assertThat(connector.control("schema"))
                .anySatisfy(schema -> assertThat(schema.path("changes").toString())
                        .contains("column_added", "extra")
                        .doesNotContain("existing", "default"));
    }

    private static String hash(String value) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest((SALT + value).getBytes(UTF_8)));
    }

    private static void aTableThatCannotBeMaskedIsSetAside(RunningConnector connector, TestDatabase database)
            throws Exception {
        database.execute(
                "CREATE TABLE number (id int PRIMARY KEY, secret numeric)",
                "INSERT INTO number VALUES (1, 31415926)",
                "CREATE TABLE keyed (secret text PRIMARY KEY)",
                "INSERT INTO keyed VALUES ('CANARY')");
        Eventually.holds(
                "both tables are set aside",
                RunningConnector.TIMEOUT,
                () -> connector.control("set_aside").stream()
                                .filter(record -> record.path("reason").asText().equals("mask"))
                                .map(record -> record.path("table").asText())
                                .distinct()
                                .count()
                        == 2);
        connector.change("table.exclude.list", "public.number,public.keyed");
    }

    private void aRenamedColumnStaysMasked(RunningConnector connector, TestDatabase database) throws Exception {
        database.execute(
                "ALTER TABLE people RENAME email TO mail",
                "UPDATE people SET note = 'p', mail = 'CANARY?' WHERE id = 4");
        assertThat(connector.awaitTaskFailure())
                .contains("Column email of table public.people", "column mail", "which no rule matches")
                .doesNotContain(SECRET, SALT);
        connector.change(HASHED, HASHED_COLUMNS + ",public.people.mail");
        connector.awaitCaughtUp();
        assertThat(connector.values("public.people"))
                .anySatisfy(value -> assertThat(value).contains("\"mail\":\"" + hash("CANARY?"), "\"note\":\"p\""));
    }

    private void assertNothingTells(TestDatabase database, LogFile log) throws Exception {
        for (String topic : cluster.topics()) {
            if (topic.startsWith(database.name() + ".")) {
                for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
                    assertThat(text(record.key()) + text(record.value()))
                            .as("a record of %s", topic)
                            .doesNotContain(SECRET, "31415926", SALT);
                }
            }
        }
        assertThat(cluster.offsets(database.name()).toString()).doesNotContain(SECRET, SALT);
        assertThat(log.lines(SECRET)).isEmpty();
        assertThat(log.lines(SALT, "io.pgseam")).isEmpty();
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, UTF_8);
    }
}
