package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.PgSeamSourceConnector;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a user of Connect's REST interface gets to see of the faults. */
final class ValidationIT {

    private static final String CONNECTOR = PgSeamSourceConnector.class.getName();
    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";
    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

    private final ConnectCluster cluster = ConnectCluster.shared(1, ConnectCluster.Delivery.EXACTLY_ONCE);

    @Test
    void connectShowsAndCountsEachFaultAtItsSetting() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            Map<String, String> props = props(database);
            assertThat(cluster.validate(CONNECTOR, props)).isEmpty();

            props.remove("key.converter");
            props.put("value.converter", JSON);
            props.put("max.batch.size", "0");
            props.put("database.password", "wrong");
            props.put("table.inclde.list", "public.t");
            props.put("snapshot.mode.custom.name", "mine");
            Map<String, List<String>> errors = cluster.validate(CONNECTOR, props);
            assertThat(errors)
                    .containsOnlyKeys(
                            "key.converter",
                            "value.converter",
                            "max.batch.size",
                            "database.password",
                            "table.inclde.list",
                            "snapshot.mode.custom.name");
            assertThat(errors.get("key.converter"))
                    .singleElement()
                    .asString()
                    .contains("\"key.converter\": \"" + BYTES);
            assertThat(errors.get("value.converter")).singleElement().asString().contains(JSON, BYTES);

            Map<String, String> complete = new TreeMap<>(props);
            JsonNode answer = cluster.rest().put("/connector-plugins/" + CONNECTOR + "/config/validate", complete);
            assertThat(answer.path("error_count").asInt()).isEqualTo(6);
        }
    }

    @Test
    void aConverterThatConnectDoesNotFindIsReportedOnce() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            Map<String, String> props = props(database);
            props.put("key.converter", "no.such.Converter");
            assertThat(cluster.validate(CONNECTOR, props))
                    .containsOnlyKeys("key.converter")
                    .allSatisfy((setting, messages) -> assertThat(messages).hasSize(1));
        }
    }

    private static Map<String, String> props(TestDatabase database) {
        Map<String, String> props = ConnectorSettings.source(database.connectionSettings());
        props.put("name", "validated");
        props.put("connector.class", CONNECTOR);
        props.put("topic.prefix", "validated");
        props.put("slot.name", "slot_of_" + database.name());
        props.put("key.converter", BYTES);
        props.put("value.converter", BYTES);
        return props;
    }
}
