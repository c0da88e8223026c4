package io.pgseam.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JsonFormTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] KEY = bytes("{\"type\":\"seam\",\"generation\":1}");
    private static final byte[] VALUE = bytes("{\"lsn\":\"0/1A2B3C8\",\"rows\":9007199254740993,\"exact\":true,"
            + "\"hash\":null,\"topics\":{\"a\":{\"0\":{\"first\":0}}},\"names\":[\"é\",\"b\"],\"ratio\":0.5}");

    @ParameterizedTest
    @EnumSource(JsonForm.class)
    void everyRecordGoesToOnePartition(JsonForm form) {
        assertThat(record(form).kafkaPartition()).isZero();
    }

    @Test
    void jsonConverterWritesAStructureAsTheJsonThatItWas() throws IOException {
        SourceRecord record = record(JsonForm.STRUCTURE);
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", false), false);
            assertThat(JSON.readTree(converter.fromConnectData("t", record.keySchema(), record.key())))
                    .isEqualTo(JSON.readTree(KEY));
            assertThat(JSON.readTree(converter.fromConnectData("t", record.valueSchema(), record.value())))
                    .isEqualTo(JSON.readTree(VALUE));
        }
    }

    private static SourceRecord record(JsonForm form) {
        return form.record(Map.of(), Map.of(), "shop.seam", KEY, VALUE);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
