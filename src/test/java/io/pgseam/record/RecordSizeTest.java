package io.pgseam.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordSizeTest {

    private static final int MOST_TO_SPARE = 64;

    @ParameterizedTest
    @CsvSource({"-1, -1", "-1, 0", "0, -1", "9, 100", "9, 1048576", "70000, 1", "200, 50000000"})
    void countsWhatTheProducerCountsOrALittleMore(int keyBytes, int valueBytes) {
        SourceRecord record = record(keyBytes, valueBytes);
        assertBetween(record, producerSize(record));

        record.headers().addBoolean("pgseam.snapshot", true).addString("pgseam.lsn", "FFFFFFFF/FFFFFFFF");
        record.headers().addLong("pgseam.txid", 4_294_967_295L).addString("größe", "漢");
        assertBetween(record, producerSize(record));
    }

    private static void assertBetween(SourceRecord record, int producerSize) {
        assertThat(RecordSize.of(record)).isBetween((long) producerSize, (long) producerSize + MOST_TO_SPARE);
    }

    private static int producerSize(SourceRecord record) {
        List<Header> headers = new ArrayList<>();
        SimpleHeaderConverter converter = new SimpleHeaderConverter();
        record.headers()
                .forEach(header -> headers.add(new RecordHeader(
                        header.key(),
                        converter.fromConnectHeader(record.topic(), header.key(), header.schema(), header.value()))));
        return AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE,
                CompressionType.NONE,
                (byte[]) record.key(),
                (byte[]) record.value(),
                headers.toArray(Header[]::new));
    }

    private static SourceRecord record(int keyBytes, int valueBytes) {
        Schema schema = Schema.OPTIONAL_BYTES_SCHEMA;
        return new SourceRecord(Map.of(), Map.of(), "topic", schema, bytes(keyBytes), schema, bytes(valueBytes));
    }

    private static byte[] bytes(int length) {
        return length < 0 ? null : "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
    }
}
