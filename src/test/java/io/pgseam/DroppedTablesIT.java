package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Captured tables that are dropped while they are streamed, or while the connector is away. */
class DroppedTablesIT extends ConnectorScenario {

    @Matrix(build = "14, 300", nightly = "18, 0")
    void aDroppedTableIsToldOnceWithWhereItEnds(int version, String heartbeat) throws Exception {
        TestDatabase database = database(version);
        create(database);
        RunningConnector connector = connector(
                database,
                "heartbeat.interval.ms=" + heartbeat,
                "table.check.interval.ms=500",
                "publication.autocreate.mode=all_tables",
                "publish.via.partition.root=true");
        connector.awaitSeam();
        assertDropsAreTold(connector);
        Eventually.holds(
                "the topics have the new rows",
                () -> records(connector, "kept").size() >= 21
                        && records(connector, "reborn").size() >= 21,
                () -> connector.status().toString());
        assertThat(connector.control("dropped"))
                .as("each once, whatever was started again meanwhile")
                .extracting(record -> record.path("table").asText())
                .containsExactlyInAnyOrder("gone", "root", "away", "reborn");
        assertThat(connector.status().anyFailed()).isFalse();
    }

    private static void create(TestDatabase database) throws Exception {
        database.execute(
                "CREATE TABLE root (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE leaf PARTITION OF root DEFAULT");
        for (String table : List.of("kept", "gone", "away", "reborn")) {
            database.execute("CREATE TABLE " + table + " (id int PRIMARY KEY, v text)");
        }
        for (String table : List.of("root", "kept", "gone", "away", "reborn")) {
            database.execute("INSERT INTO " + table + " SELECT i, 'old' FROM generate_series(1, 20) i");
        }
    }

    private void assertDropsAreTold(RunningConnector connector) throws Exception {
        TestDatabase database = connector.database();
        String gone = database.queryOne("SELECT 'gone'::regclass::oid::text");
        String reborn = database.queryOne("SELECT 'reborn'::regclass::oid::text");
        database.execute(
                "DELETE FROM gone WHERE id = 1",
                "BEGIN; UPDATE gone SET v = 'last'; DROP TABLE gone; COMMIT",
                "DROP TABLE root");
        JsonNode told = awaitDropped(connector, "gone");
        assertThat(told.path("oid").asText()).isEqualTo(gone);
        assertThat(told.path("topic").asText()).isEqualTo(connector.topic("public.gone"));
        assertThat(told.path("replaced").asBoolean()).isFalse();
        assertEnds(connector, told, "gone", "\"last\"");
        assertThat(awaitDropped(connector, "root").path("topic").asText()).isEqualTo(connector.topic("public.root"));

        connector.stop();
        database.execute("DROP TABLE away", "INSERT INTO kept VALUES (21, 'new')");
        connector.resume();
        awaitDropped(connector, "away");

        // A new plan is made for the second one, which leaves the first one out.
        database.execute("BEGIN; DROP TABLE reborn; CREATE TABLE reborn (id int PRIMARY KEY, v text);"
                + " INSERT INTO reborn VALUES (1, 'new'); COMMIT");
        JsonNode replaced = awaitDropped(connector, "reborn");
        assertThat(replaced.path("oid").asText()).as("the one that is gone").isEqualTo(reborn);
        assertThat(replaced.path("replaced").asBoolean()).isTrue();
    }

    private JsonNode awaitDropped(RunningConnector connector, String table) {
        List<JsonNode> found = new ArrayList<>();
        Eventually.holds(
                "the control topic says that " + table + " was dropped",
                () -> {
                    found.clear();
                    connector.control("dropped").stream()
                            .filter(record -> record.path("table").asText().equals(table))
                            .forEach(found::add);
                    return !found.isEmpty();
                },
                () -> connector.control("dropped") + " " + connector.status());
        return found.get(0);
    }

    /** Every record of the table is before the offsets and the LSN that were told. */
    private void assertEnds(RunningConnector connector, JsonNode told, String table, String last) {
        long lsn = Lsn.parse(told.path("lsn").asText()).value();
        List<ConsumerRecord<byte[], byte[]>> records = records(connector, table);
        assertThat(records).hasSize(20 + 1 + 19);
        assertThat(records.stream().filter(record -> value(record).contains(last)))
                .hasSize(19);
        assertThat(told.path("offsets").size()).isPositive();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            long commit = Long.parseLong(value(record).replaceAll(".*\"__lsn\":(\\d+).*", "$1"));
            assertThat(commit).isLessThan(lsn);
            if (!value(record).contains("\"__snapshot\":true")) {
                assertThat(record.offset())
                        .isLessThan(told.path("offsets")
                                .path(String.valueOf(record.partition()))
                                .asLong(0));
            }
        }
    }

    private static String value(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    private List<ConsumerRecord<byte[], byte[]>> records(RunningConnector connector, String table) {
        return connector.records("public." + table);
    }
}
