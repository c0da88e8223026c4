package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What each replica identity can say, and what becomes of it in the topics; also where it changes on the way. */
class ReplicaIdentityIT extends ConnectorScenario {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Matrix(
            build = "14",
            nightly = {"15", "18"})
    void eachIdentitySaysWhatItCan(int version) throws Exception {
        TestDatabase database = database(version);
        createTables(database);
        RunningConnector connector = connector(database);
        connector.awaitSeam();
        changeByIndex(database);
        changeKeyless(database);
        changeToNothing(database);
        changeIdentity(database);
        changeKey(database);
        changeKeysOfEachForm(database);

        connector.awaitReplayed(
                "public.changing",
                "public.later_nothing",
                "public.whole",
                "public.composite",
                "public.only_key",
                "public.nothing_yet");
        assertKeyedByTheIndex(database, connector);
        assertKeylessRowsAreWhole(connector);
        assertKeyChangedWhereTheIdentityDid(connector);
    }

    private static void createTables(TestDatabase database) throws SQLException {
        String body = "repeat(md5(i::text), 100)";
        database.execute(
                "CREATE TABLE by_index (id int PRIMARY KEY, code varchar(20) NOT NULL, body text, note text)",
                "CREATE UNIQUE INDEX by_index_code ON by_index (code)",
                "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code, ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO by_index SELECT i, 'c''' || i, " + body + ", 'n' FROM generate_series(1, 20) i",
                "CREATE TABLE keyless (a int, body text)",
                "ALTER TABLE keyless REPLICA IDENTITY FULL, ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO keyless SELECT i, " + body + " FROM generate_series(1, 3) i",
                "CREATE TABLE later_nothing (id int PRIMARY KEY, note text)",
                "INSERT INTO later_nothing VALUES (1, 'n')",
                "CREATE TABLE changing (id int PRIMARY KEY, body text, note text)",
                "CREATE UNIQUE INDEX changing_id ON changing (id)",
                "ALTER TABLE changing ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO changing SELECT i, " + body + ", 'n' FROM generate_series(1, 40) i",
                "CREATE TABLE rekeyed (id int PRIMARY KEY, code text NOT NULL UNIQUE, note text)",
                "INSERT INTO rekeyed SELECT i, 'c' || i, 'n' FROM generate_series(1, 3) i",
                "CREATE TABLE whole (id int PRIMARY KEY, body text, note text)",
                "ALTER TABLE whole REPLICA IDENTITY FULL, ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO whole SELECT i, " + body + ", 'n' FROM generate_series(1, 50) i",
                "CREATE TABLE composite (b uuid, a text, n int NOT NULL, body text, PRIMARY KEY (n, b, a))",
                "ALTER TABLE composite ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO composite SELECT md5(i::text)::uuid, 'k''' || i, i, " + body
                        + " FROM generate_series(1, 50) i",
                "CREATE TABLE only_key (id bigint PRIMARY KEY)",
                "INSERT INTO only_key SELECT generate_series(1, 50)",
                "CREATE TABLE nothing_yet (id int PRIMARY KEY, note text)");
    }

    private static void changeKeysOfEachForm(TestDatabase database) throws SQLException {
        for (String table : List.of("whole", "composite")) {
            String key = table.equals("whole") ? "id" : "n";
            database.execute(
                    "UPDATE " + table + " SET " + key + " = -" + key + " WHERE " + key + " % 3 = 0",
                    "UPDATE " + table + " SET body = NULL WHERE " + key + " % 5 = 0",
                    "DELETE FROM " + table + " WHERE " + key + " % 7 = 0");
        }
        database.execute(
                // Unchanged large values, then gone, or elsewhere, before the stream can look them up.
                "BEGIN; UPDATE composite SET a = a || 'x'; UPDATE composite SET a = 'y' || a;"
                        + " DELETE FROM composite WHERE n = 1; UPDATE composite SET n = 1 WHERE n = 2; COMMIT",
                "UPDATE whole SET note = 'changed'",
                "UPDATE only_key SET id = id + 1000",
                "INSERT INTO nothing_yet VALUES (1, 'first'), (2, NULL)");
    }

    private static void changeByIndex(TestDatabase database) throws SQLException {
        database.execute(
                "UPDATE by_index SET note = 'large value unchanged' WHERE id <= 10",
                "UPDATE by_index SET code = 'another', note = 'moved' WHERE id = 1",
                "UPDATE by_index SET id = 1002 WHERE id = 2",
                "DELETE FROM by_index WHERE id = 3",
                "UPDATE by_index SET id = 3 WHERE id = 4");
    }

    /** The primary key is a column like any other: a delete does not even tell it. */
    private void assertKeyedByTheIndex(TestDatabase database, RunningConnector connector) throws SQLException {
        List<String> replayed = new ArrayList<>();
        connector
                .replay("public.by_index")
                .rows(connector.topic("public.by_index"))
                .forEach((key, row) -> {
                    assertThat(key.size()).isEqualTo(1);
                    assertThat(key.path("code")).isEqualTo(row.path("code"));
                    replayed.add(row.path("id").asText() + " "
                            + row.path("code").asText() + " " + row.path("body").asText() + " "
                            + row.path("note").asText());
                });
        assertThat(replayed)
                .containsExactlyInAnyOrderElementsOf(
                        database.query("SELECT id || ' ' || code || ' ' || body || ' ' || note FROM by_index"));
    }

    private static void changeKeyless(TestDatabase database) throws SQLException {
        database.execute(
                "UPDATE keyless SET a = 10 WHERE a = 1",
                "INSERT INTO keyless VALUES (10, 'small')",
                "DELETE FROM keyless WHERE a = 2");
    }

    /** An update of a row without a key takes the old row away, and brings the new one. */
    private void assertKeylessRowsAreWhole(RunningConnector connector) throws Exception {
        List<JsonNode> changes = changes(connector, "public.keyless");
        assertThat(changes).extracting(change -> change.path("__op").asInt()).containsExactly(1, 0, 0, 1);
        assertThat(changes)
                .extracting(change -> change.path("body").asText().length())
                .as("length of a value that is taken away, unchanged, inserted, deleted")
                .containsExactly(3_200, 3_200, 5, 3_200);
        assertThat(changes).extracting(change -> change.path("a").asInt()).containsExactly(1, 10, 10, 2);
        for (ConsumerRecord<byte[], byte[]> record : records(connector, "public.keyless")) {
            assertThat(record.key()).isNull();
        }
    }

    private static void changeToNothing(TestDatabase database) throws SQLException {
        database.execute(
                "UPDATE later_nothing SET note = 'changed'",
                "ALTER TABLE later_nothing REPLICA IDENTITY NOTHING",
                "INSERT INTO later_nothing VALUES (2, 'inserted')");
        for (String refused : List.of("UPDATE later_nothing SET note = 'x'", "DELETE FROM later_nothing")) {
            assertThatThrownBy(() -> database.execute(refused))
                    .as("PostgreSQL itself refuses what could not be published")
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("replica identity");
        }
    }

    private static void changeIdentity(TestDatabase database) throws SQLException {
        String some = "UPDATE changing SET note = note || ' and on' WHERE id % 2 = 0";
        database.execute(
                some,
                "ALTER TABLE changing REPLICA IDENTITY FULL",
                some,
                "UPDATE changing SET id = -id WHERE id % 5 = 0",
                "DELETE FROM changing WHERE id = 1",
                "ALTER TABLE changing REPLICA IDENTITY DEFAULT",
                some,
                "UPDATE changing SET id = -id WHERE id % 5 = 0",
                "ALTER TABLE changing REPLICA IDENTITY USING INDEX changing_id",
                some,
                "UPDATE changing SET id = -id WHERE id % 7 = 0",
                "DELETE FROM changing WHERE id = 2",
                "BEGIN; " + some + "; ALTER TABLE changing REPLICA IDENTITY FULL; " + some
                        + "; ALTER TABLE changing REPLICA IDENTITY DEFAULT; " + some + "; COMMIT");
    }

    private static void changeKey(TestDatabase database) throws SQLException {
        database.execute(
                "DELETE FROM rekeyed WHERE id = 1",
                "ALTER TABLE rekeyed REPLICA IDENTITY USING INDEX rekeyed_code_key",
                "DELETE FROM rekeyed WHERE id = 2",
                "INSERT INTO rekeyed VALUES (4, 'c4', 'n')");
    }

    /** The key is what deletes tell, before and after; the control topic says that the table is another one from there on. */
    private void assertKeyChangedWhereTheIdentityDid(RunningConnector connector) throws Exception {
        List<String> keys = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records(connector, "public.rekeyed")) {
            if (!JSON.readTree(record.value()).path("__snapshot").asBoolean()) {
                keys.add(new String(record.key(), StandardCharsets.UTF_8));
            }
        }
        assertThat(keys).containsExactlyInAnyOrder("{\"id\":1}", "{\"code\":\"c2\"}", "{\"code\":\"c4\"}");
        assertThat(connector.control("schema"))
                .filteredOn(schema ->
                        schema.path("changes").findValuesAsText("what").contains("key_changed"))
                .extracting(schema -> schema.path("table").asText())
                .containsExactly("rekeyed");
    }

    private List<JsonNode> changes(RunningConnector connector, String table) throws Exception {
        List<JsonNode> changes = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records(connector, table)) {
            JsonNode value = JSON.readTree(record.value());
            if (!value.path("__snapshot").asBoolean()) {
                changes.add(value);
            }
        }
        changes.sort(Comparator.comparingLong(
                        (JsonNode change) -> change.path("__lsn").asLong())
                .thenComparingLong(change -> change.path("__seq").asLong()));
        return changes;
    }

    private List<ConsumerRecord<byte[], byte[]>> records(RunningConnector connector, String table) {
        return connector.records(table);
    }
}
