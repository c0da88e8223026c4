package io.pgseam.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JsonFormTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] KEY = bytes("{\"type\":\"seam\",\"generation\":1}");
    private static final byte[] VALUE = bytes("{\"lsn\":\"0/1A2B3C8\",\"rows\":9007199254740993,\"exact\":true,"
            + "\"hash\":null,\"topics\":{\"a\":{\"0\":{\"first\":0}}},\"names\":[\"é\",\"b\"],\"ratio\":0.5}");

    @ParameterizedTest
    @EnumSource(JsonContent.class)
    void everyRecordGoesToOnePartition(JsonContent content) {
        assertThat(record(new JsonForm(content, JsonContent.BYTES)).kafkaPartition())
                .isZero();
    }

    @Test
    void jsonConverterWritesAStructureAsTheJsonThatItWas() throws IOException {
        SourceRecord record = record(new JsonForm(JsonContent.STRUCTURE, JsonContent.STRUCTURE));
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", false), false);
            assertThat(JSON.readTree(converter.fromConnectData("t", record.keySchema(), record.key())))
                    .isEqualTo(JSON.readTree(KEY));
            assertThat(JSON.readTree(converter.fromConnectData("t", record.valueSchema(), record.value())))
                    .isEqualTo(JSON.readTree(VALUE));
        }
    }

    /** The keys of many connectors are strings, and their values JSON. */
    @Test
    void eachConverterIsGivenWhatItTakes() throws IOException {
        SourceRecord record = record(new JsonForm(JsonContent.STRING, JsonContent.STRUCTURE));
        try (JsonConverter values = new JsonConverter();
                StringConverter keys = new StringConverter()) {
            values.configure(Map.of("schemas.enable", false), false);
            assertThat(keys.fromConnectData("t", record.keySchema(), record.key()))
                    .isEqualTo(KEY);
            assertThat(JSON.readTree(values.fromConnectData("t", record.valueSchema(), record.value()))
                            .isObject())
                    .isTrue();
        }
    }

    private static SourceRecord record(JsonForm form) {
        return form.record(Map.of(), Map.of(), "shop.seam", KEY, VALUE);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
