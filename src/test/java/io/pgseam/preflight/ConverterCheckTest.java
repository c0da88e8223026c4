package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConverterCheckTest {

    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

    @Test
    void flatMessagesNeedTheConverterOfBytes() {
        assertThat(faults(Map.of("key.converter", BYTES, "value.converter", "ByteArrayConverter")))
                .isEmpty();
        assertThat(faults(Map.of("value.converter", JSON))).containsExactly("key.converter", "value.converter");
    }

    @Test
    void debeziumsEnvelopeGoesThroughAnyConverterOrIsWrittenAsBytes() {
        assertThat(faults(Map.of("output.format", "debezium"))).isEmpty();
        assertThat(faults(Map.of("output.format", "Debezium", "key.converter", JSON, "value.converter", JSON)))
                .isEmpty();
        assertThat(faults(Map.of("output.format", "debezium", "key.converter", JSON, "value.converter", BYTES)))
                .containsExactly("value.converter");
        assertThat(faults(Map.of("output.format", "debezium", "key.converter", "ByteArray", "value.converter", BYTES)))
                .isEmpty();
    }

    @Test
    void whatNeedsStructuredDataIsRefusedIfTheConnectorWritesBytes() {
        assertThat(faultsOfBytes(Map.of("transforms", "route, unwrap")))
                .as("of a type that is not known")
                .containsExactly("value.converter", "value.converter");
        assertThat(faultsOfBytes(Map.of(
                        "transforms",
                        "route, unwrap",
                        "transforms.route.type",
                        "org.apache.kafka.connect.transforms.RegexRouter",
                        "transforms.unwrap.type",
                        "io.debezium.transforms.ExtractNewRecordState")))
                .containsExactly("value.converter");
        assertThat(faultsOfBytes(Map.of("transforms", "route", "transforms.route.type", "RegexRouter")))
                .isEmpty();
    }

    @Test
    void settingsOfTheConverterThatIsNotThereAreRefusedIfTheyAskForAnotherForm() {
        assertThat(faultsOfBytes(Map.of(
                        "key.converter.schemas.enable",
                        "false",
                        "value.converter.schemas.enable",
                        "False",
                        "value.converter.decimal.format",
                        "BASE64")))
                .isEmpty();
        assertThat(faultsOfBytes(Map.of(
                        "key.converter.schemas.enable",
                        "true",
                        "value.converter.decimal.format",
                        "NUMERIC",
                        "value.converter.replace.null.with.default",
                        "false")))
                .containsExactlyInAnyOrder(
                        "key.converter.schemas.enable",
                        "value.converter.decimal.format",
                        "value.converter.replace.null.with.default");
    }

    private static List<String> faultsOfBytes(Map<String, String> others) {
        Map<String, String> props = new HashMap<>(others);
        props.putAll(Map.of("output.format", "debezium", "key.converter", BYTES, "value.converter", BYTES));
        return faults(props);
    }

    private static List<String> faults(Map<String, String> props) {
        List<Fault> faults = new ArrayList<>();
        ConverterCheck.check(props, faults::add);
        return faults.stream().map(Fault::setting).toList();
    }
}
