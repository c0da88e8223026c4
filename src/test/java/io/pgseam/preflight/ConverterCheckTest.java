package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.Fault;
import java.util.ArrayList;
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
    void debeziumsEnvelopeGoesThroughAnyConverterButThatOfBytes() {
        assertThat(faults(Map.of("output.format", "debezium"))).isEmpty();
        assertThat(faults(Map.of("output.format", "Debezium", "key.converter", JSON, "value.converter", JSON)))
                .isEmpty();
        assertThat(faults(Map.of("output.format", "debezium", "key.converter", JSON, "value.converter", BYTES)))
                .containsExactly("value.converter");
    }

    private static List<String> faults(Map<String, String> props) {
        List<Fault> faults = new ArrayList<>();
        ConverterCheck.check(props, faults::add);
        return faults.stream().map(Fault::setting).toList();
    }
}
