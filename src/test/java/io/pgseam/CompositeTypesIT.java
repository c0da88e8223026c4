package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Composite types that are altered while their values are streamed, and while the connector is away. */
class CompositeTypesIT extends ConnectorScenario {

    private static final String INSERT = "INSERT INTO house VALUES (%1$d, %2$s, (%2$s, 7), ARRAY[%2$s::address], %2$s)";

    @Matrix(build = "18", nightly = "14")
    void valuesHaveTheAttributesOfTheTimeWhenTheyWereWritten(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TYPE address AS (road text, number int)",
                "CREATE TYPE place AS (address address, floor int)",
                "CREATE DOMAIN home AS address",
                "CREATE TABLE house (id int PRIMARY KEY, v address, nested place, many address[], checked home)",
                INSERT.formatted(1, "ROW('copied', 1)"));
        RunningConnector connector = connector(database, "table.check.interval.ms=500");
        connector.awaitSeam();
        database.execute(INSERT.formatted(2, "ROW('a', 1)"));
        awaitTold(connector, 1);
        database.execute(
                INSERT.formatted(3, "ROW('b', 1)"),
                // Another number of attributes tells at once, also within the transaction that alters the type.
                "BEGIN; ALTER TYPE address ADD ATTRIBUTE town text; " + INSERT.formatted(4, "ROW('c', 1, 'x')")
                        + "; COMMIT",
                INSERT.formatted(5, "ROW('d', 1, 'y')"));
        connector.awaitCaughtUp();
        awaitTold(connector, 2);
        // As many attributes as before: told from the look on.
        database.execute("ALTER TYPE address RENAME ATTRIBUTE road TO street");
        awaitTold(connector, 3);
        database.execute(INSERT.formatted(6, "ROW('e', 1, 'z')"));
        connector.awaitCaughtUp();

        connector.stop();
        database.execute(
                INSERT.formatted(7, "ROW('f', 1, 'away')"),
                "ALTER TYPE address DROP ATTRIBUTE number",
                INSERT.formatted(8, "ROW('g', 'away')"));
        connector.resume();
        connector.awaitCaughtUp();
        awaitTold(connector, 4);
        assertThat(connector.status().anyFailed()).isFalse();
        assertValues(connector);
        assertThat(connector.control("composite_type"))
                .filteredOn(record -> record.path("name").asText().equals("address"))
                .extracting(record -> record.path("changes").toString())
                .containsExactly(
                        "[{\"what\":\"first_seen\"}]",
                        "[{\"what\":\"attribute_added\",\"attribute\":\"town\"}]",
                        "[{\"what\":\"attribute_renamed\",\"attribute\":\"street\",\"from\":\"road\"}]",
                        "[{\"what\":\"attribute_dropped\",\"attribute\":\"number\"}]");
    }

    private void assertValues(RunningConnector connector) {
        assertValue(connector, 1, "{\"road\":\"copied\",\"number\":1}");
        assertValue(connector, 2, "{\"road\":\"a\",\"number\":1}");
        assertValue(connector, 3, "{\"road\":\"b\",\"number\":1}");
        assertValue(connector, 4, "{\"road\":\"c\",\"number\":1,\"town\":\"x\"}");
        assertValue(connector, 5, "{\"road\":\"d\",\"number\":1,\"town\":\"y\"}");
        assertValue(connector, 6, "{\"street\":\"e\",\"number\":1,\"town\":\"z\"}");
        assertValue(connector, 7, "{\"street\":\"f\",\"number\":1,\"town\":\"away\"}");
        assertValue(connector, 8, "{\"street\":\"g\",\"town\":\"away\"}");
    }

    /** Alone, within another type, in an array, and under a domain. */
    private void assertValue(RunningConnector connector, int id, String value) {
        List<String> found = connector.records("public.house").stream()
                .map(ConsumerRecord::value)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .filter(text -> text.startsWith("{\"id\":" + id + ","))
                .toList();
        assertThat(found).as("row " + id).hasSize(1);
        assertThat(found.get(0))
                .startsWith("{\"id\":" + id + ",\"v\":" + value + ",\"nested\":{\"address\":" + value
                        + ",\"floor\":7},\"many\":[" + value + "],\"checked\":" + value + ",");
    }

    private static void awaitTold(RunningConnector connector, int count) {
        Eventually.holds(
                "the control topic has told of the type " + count + " times",
                () -> of(connector).size() >= count,
                () -> of(connector).toString());
    }

    private static List<JsonNode> of(RunningConnector connector) {
        return connector.control("composite_type").stream()
                .filter(record -> record.path("name").asText().equals("address"))
                .toList();
    }
}
